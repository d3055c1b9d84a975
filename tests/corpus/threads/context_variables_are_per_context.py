# contextvars and threading.local.
import contextvars
import threading

variable = contextvars.ContextVar("variable", default="default")
local = threading.local()
local.value = "main"
variable.set("main")


def look():
    print(variable.get(), getattr(local, "value", None))


thread = threading.Thread(target=look)
thread.start()
thread.join()
contextvars.copy_context().run(look)
# output: ["default None", "main main"]
# ---
print(local.value)
# output: ["main"]
