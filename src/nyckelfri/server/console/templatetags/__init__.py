"""Tags for the templates of the console."""
