"""The first page: what needs somebody's attention."""
