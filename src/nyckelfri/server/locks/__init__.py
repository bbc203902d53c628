"""What can be opened: doors, lock units, their installations, visit labels."""
