"""A Django app for `bench.audit`: the same row, plain and under others' audit logs."""
