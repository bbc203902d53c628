"""Adapters behind `lock.ports`: real hardware, and simulated hardware for tests and the demo."""
