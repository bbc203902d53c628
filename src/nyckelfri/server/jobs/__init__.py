"""Work beside the pages: what takes long, and what comes round by itself."""
