# SPDX-License-Identifier: Apache-2.0
# claim: sandbox cannot read a host file by sqlite

def attack():
    import sqlite3
    c = sqlite3.connect(':memory:')
    try:
        c.execute("attach 'file:@SECRET@?mode=ro' as x")
        c.execute('select * from x.sqlite_master')
    except sqlite3.DatabaseError as e:
        if 'not a database' in str(e): return reached(e)
        raise
