# unittest.main works with exit=False, and reports on stderr.
import unittest


class Cases(unittest.TestCase):
    def test_fine(self):
        self.assertEqual(1 + 1, 2)

    def test_wrong(self):
        self.assertEqual(1, 2)


program = unittest.main(argv=["tests"], exit=False)
print(program.result.testsRun, len(program.result.failures))
# stdout: ["2 1"]
# stderr_contains: ["AssertionError: 1 != 2", "FAILED (failures=1)"]
