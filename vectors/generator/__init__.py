"""Makes the files of `vectors/`: one module a file, each with `contents()`.

House rules: everything is fixed, so that the same files come out every time; what policy and
clock should say is written here by hand and never computed by the code under test.
"""
