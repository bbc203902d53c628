"""What the municipality's staff sees in a browser."""
