"""Statistics: measures of home care as charts, tables and files."""
