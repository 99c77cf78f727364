import type { Item, Value } from '../../value.js';
import { absent, commonTime, items, list, nothing, number } from '../values.js';
import { placeByTime, placeOfExtreme } from './aggregates.js';
import { type Operation, wholeNumber } from './operation.js';
import { order, ranked } from './order.js';

/** Some elements of a list, or their places, which count from 1. Chosen elements stay in the order of the list. */

/** Places from 0, ascending; undefined where the elements cannot be compared. */
type Places = (elements: readonly Item[], n: number, ignoreCase: boolean) => readonly number[] | undefined;

const firstPlaces: Places = (elements, n) => [...elements.keys()].slice(0, n);
const lastPlaces: Places = (elements, n) => [...elements.keys()].slice(Math.max(0, elements.length - n));

/** The smallest (`sign` 1) or greatest (-1); of equal ones the latest, then the last. */
function extremePlaces(sign: 1 | -1): Places {
  return (elements, n, ignoreCase) => {
    const sorted = ranked(elements, ignoreCase);
    return sorted
      ?.sort(
        (one, other) =>
          sign * (order(one.element, other.element, ignoreCase) ?? 0) ||
          instantOf(other.element) - instantOf(one.element) ||
          other.place - one.place,
      )
      .slice(0, n)
      .map(({ place }) => place)
      .sort((one, other) => one - other);
  };
}

/** What has no primary time comes before all times. */
function instantOf({ primaryTime }: Item): number {
  return primaryTime?.instant ?? Number.MIN_SAFE_INTEGER;
}

/** The earliest (`sign` 1) or latest (-1) of those with a primary time. */
function placesByTime(sign: 1 | -1): Places {
  return (elements, n) =>
    [...elements.keys()]
      .filter((place) => elements[place]?.primaryTime)
      .sort((one, other) => {
        const between = instantOf(elements[one] ?? nothing) - instantOf(elements[other] ?? nothing);
        return sign * (between || one - other);
      })
      .slice(0, n)
      .sort((one, other) => one - other);
}

function choosing(places: Places, result: (element: Item, place: number) => Item): Operation {
  return ([n = nothing, operand = nothing], { ignoreCase }) => {
    const wanted = wholeNumber(n);
    if (wanted === undefined || wanted < 0) return nothing;
    const elements = items(operand);
    const chosen = places(elements, wanted, ignoreCase);
    return chosen ? list(chosen.map((place) => result(elements[place] ?? nothing, place))) : nothing;
  };
}

const itself = (element: Item): Item => element;
const its = (element: Item, place: number): Item => number(place + 1, element.primaryTime);

export const minimumFrom = choosing(extremePlaces(1), itself);
export const maximumFrom = choosing(extremePlaces(-1), itself);
export const firstFrom = choosing(firstPlaces, itself);
export const lastFrom = choosing(lastPlaces, itself);
export const earliestFrom = choosing(placesByTime(1), itself);
export const latestFrom = choosing(placesByTime(-1), itself);
export const indexMinimumFrom = choosing(extremePlaces(1), its);
export const indexMaximumFrom = choosing(extremePlaces(-1), its);

/** The place of one element. */
function indexOf(place: (elements: readonly Item[], ignoreCase: boolean) => number | undefined): Operation {
  return ([operand = nothing], { ignoreCase }) => {
    const elements = items(operand);
    const found = place(elements, ignoreCase);
    return found === undefined ? absent(commonTime(elements)) : its(elements[found] ?? nothing, found);
  };
}

export const indexMinimum = indexOf((elements, ignoreCase) => placeOfExtreme(elements, 1, ignoreCase));
export const indexMaximum = indexOf((elements, ignoreCase) => placeOfExtreme(elements, -1, ignoreCase));
export const indexEarliest = indexOf((elements) => placeByTime(elements, 1));
export const indexLatest = indexOf((elements) => placeByTime(elements, -1));

/** The place of the element whose primary time is nearest; of equally near ones the first. */
function placeNearest(time: Value, elements: readonly Item[]): number | undefined {
  if (time.type !== 'time') return undefined;
  let found: number | undefined;
  let least = Infinity;
  for (const [place, { primaryTime }] of elements.entries()) {
    if (primaryTime === null) continue;
    const distance = Math.abs(primaryTime.instant - time.value.instant);
    if (distance < least) [found, least] = [place, distance];
  }
  return found;
}

function nearestBy(result: (element: Item, place: number) => Item): Operation {
  return ([time = nothing, operand = nothing]) => {
    const elements = items(operand);
    const place = placeNearest(time, elements);
    return place === undefined ? nothing : result(elements[place] ?? nothing, place);
  };
}

export const nearest = nearestBy(itself);
export const indexNearest = nearestBy(its);
