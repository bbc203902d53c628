"""The municipality's files in, all or nothing."""
