# In a file of the working folder, with functions of Python.
import sqlite3

database = sqlite3.connect("data.db")
database.create_function("double", 1, lambda v: 2 * v)
database.execute("create table t (a)")
database.executemany("insert into t values (?)", [(1,), (2,)])
database.commit()
print(database.execute("select double(a) from t order by a").fetchall())
# output: ["[(2,), (4,)]"]
# files: ["data.db"]
# ---
database.execute("select * from missing")
# type: "sqlite3.OperationalError"
# error: "executing Python code: OperationalError('no such table: missing')"
# line: 1
