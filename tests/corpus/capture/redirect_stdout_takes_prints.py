# contextlib.redirect_stdout works, nested and with an exception inside.
import contextlib
import io

outer, inner = io.StringIO(), io.StringIO()
with contextlib.redirect_stdout(outer):
    print("to outer")
    try:
        with contextlib.redirect_stdout(inner):
            print("to inner", end="")
            raise KeyError
    except KeyError:
        print("outer again")
print(repr(outer.getvalue()), repr(inner.getvalue()))
# output: ["'to outer\\nouter again\\n' 'to inner'"]
