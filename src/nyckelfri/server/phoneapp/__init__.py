"""The face that the staff phone's browser loads: the files of the app, and no data."""
