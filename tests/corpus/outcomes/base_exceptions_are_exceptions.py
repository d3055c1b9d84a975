# GeneratorExit, CancelledError and classes of the user's own.
raise GeneratorExit("gone")
# error: "executing Python code: GeneratorExit('gone')"
# type: "GeneratorExit"
# ---
class Own(BaseException):
    pass


raise Own(1)
# error: "executing Python code: Own(1)"
# ---
import asyncio

raise asyncio.CancelledError
# error: "executing Python code: CancelledError()"
# type: "asyncio.exceptions.CancelledError"
