# No finders, no path, no hooks: what is imported already can be imported again.
import sys

sys.path.clear()
sys.meta_path.clear()
sys.path_hooks.clear()
sys.path_importer_cache.clear()
# ---
import json
import pandas

print(json.dumps([1]))
1 / 0
# output: ["[1]"]
# error: "executing Python code: ZeroDivisionError('division by zero')"
# ---
import never_imported_before
# type: "ModuleNotFoundError"
# error_contains: "never_imported_before"
