# A print call that happens while another one collects its texts is complete first.
class Loud:
    def __str__(self):
        print("inner")
        return "loud"


print("outer", Loud())
# output: ["inner", "outer loud"]
