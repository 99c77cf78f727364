const london = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/London', dateStyle: 'short' });

/** The day in London, YYYY-MM-DD. */
export const londonDay = (time: Date): string => london.format(time);
