# recv without and with a timeout.
# option: {"cancel_on": "ready", "cancel_after_ms": 100}
import socket

left, right = socket.socketpair()
print("ready")
left.recv(10)
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# within_ms: 1000
# ---
# option: {"cancel_on": "ready", "cancel_after_ms": 100}
left.settimeout(60)
print("ready")
left.recv(10)
# outcome: "cancelled"
# error: "executing Python code: KeyboardInterrupt()"
# within_ms: 1000
# ---
right.send(b"works")
print(left.recv(10))
# output: ["b'works'"]
