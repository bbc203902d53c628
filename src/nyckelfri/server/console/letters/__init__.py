"""The printed letter to a client."""
