import type { LoadedPage } from '../loaders/load.js';
import type { Selection } from './selection.js';

/** Something to know about an answer that is not an error. */
export interface NoticeAnswer {
  readonly code: string;
  readonly message: string;
}

/** A page as its connection type has it; cursors are made where they are asked for. */
export function pageAnswer(
  page: LoadedPage,
  selection: Selection,
  hasPreviousPage: boolean,
  notices: readonly NoticeAnswer[] = [],
): object {
  return {
    nodes: page.rows,
    edges: selection.has('edges') ? edgesOf(page) : [],
    pageInfo: pageInfo(page, selection, hasPreviousPage),
    totalCount: page.total ?? 0,
    notices,
  };
}

function edgesOf({ rows, cursors }: LoadedPage): object[] {
  const all = cursors([...rows.keys()]);
  return rows.map((node, at) => ({ cursor: all[at], node }));
}

function pageInfo(
  { rows, cursors, hasNextPage }: LoadedPage,
  selection: Selection,
  hasPreviousPage: boolean,
): object {
  const wanted = selection.below('pageInfo');
  const cursorOf = (name: string, place: number): string | null =>
    wanted.has(name) && rows.length > 0 ? (cursors([place])[0] ?? null) : null;
  return {
    hasNextPage,
    hasPreviousPage,
    startCursor: cursorOf('startCursor', 0),
    endCursor: cursorOf('endCursor', rows.length - 1),
  };
}
