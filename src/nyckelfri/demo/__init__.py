"""The whole story in separate processes, from import to log: `nyckelfri demo`."""
