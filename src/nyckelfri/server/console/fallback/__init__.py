"""The municipality's steps for a lock that fails."""
