/** Outward part of a full UK postcode, or null. */
export const postcodeDistrict = (postcode: string): string =>
  `nullif(regexp_extract(upper(trim(${postcode})), '^([A-Z]{1,2}[0-9][A-Z0-9]?) ?[0-9][A-Z]{2}$', 1), '')`;
