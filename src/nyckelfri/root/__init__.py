"""The tool of the people who hold the parts of the municipal root.

House rules: runs on a laptop without network and needs the base package alone; knows door
and nothing else. Nothing is signed that was not shown in words first, no file is ever
written over, and no passphrase stands on a command line.
"""
