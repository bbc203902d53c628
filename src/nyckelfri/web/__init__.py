"""The staff phone app: ES modules, which `server/phoneapp/join.py` makes one file of.

House rules: no bundler and no dependency at run time; each folder is a room, and
`tests/architecture/test_web_rooms.py` holds who may know whom.
"""
