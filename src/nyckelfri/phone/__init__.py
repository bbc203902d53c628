"""The reference phone: it carries what the server has signed to the lock, and the journal home.

House rules: nothing the phone believes of itself opens a door, the lock judges. What a carer did
is on stable storage before the next step. No log shows a key, a name or an address.
"""
