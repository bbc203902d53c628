"""The municipality's rules for access: what holds, what will, and a preview of a change."""
