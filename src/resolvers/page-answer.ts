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
    edges: selection.has('edges') ? page.rows.map((node) => ({ cursor: page.cursor(node), node })) : [],
    pageInfo: pageInfo(page, selection, hasPreviousPage),
    totalCount: page.total ?? 0,
    notices,
  };
}

function pageInfo(page: LoadedPage, selection: Selection, hasPreviousPage: boolean): object {
  const wanted = selection.below('pageInfo');
  const cursorOf = (name: string, row: LoadedPage['rows'][number] | undefined): string | null =>
    wanted.has(name) && row ? page.cursor(row) : null;
  return {
    hasNextPage: page.hasNextPage,
    hasPreviousPage,
    startCursor: cursorOf('startCursor', page.rows[0]),
    endCursor: cursorOf('endCursor', page.rows.at(-1)),
  };
}
