"""A whole municipality on a server; `world` is loaded only where Django is set up already."""
