/** Characters of a `varchar(MAX)`: as many as fit beside the other columns in a row of the T-SQL engines (8,060 bytes). */
export const unbounded = 2500;
