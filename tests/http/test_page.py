# SPDX-License-Identifier: Apache-2.0
"""Claims about the page of `clutch serve`, in a real Chromium, as TAP.

Pictures of the page are left in the folder page of CLUTCH_BUILD (default build). Words as arguments choose
the tests whose names hold one of them.
"""

import os
import sys
import unittest

import support  # first: it finds tap
import browser
import console
import tap

FRAME = """\
import pandas as pd

df = pd.DataFrame({
    'day': pd.date_range('2026-06-01', periods=30),
    'degrees': [15 + (n * 7) % 11 + n / 10 for n in range(30)],
    'rain': [(n * n) % 13 for n in range(30)],
    'place': ['Bern', 'Oslo', '<b>Porto</b>'] * 10,
})
print('mean', df.degrees.mean().round(2))
df.groupby('place').rain.sum()"""

CHART = """\
import matplotlib.pyplot as plt

plt.figure(figsize=(7, 3))
plt.bar(df.day.dt.day, df.rain)
plt.title('Rain in June')
plt.show()
df.to_csv('june.csv', index=False)"""

FAILS = """\
import sys

for name in ['degrees', 'rain', 'wind']:
    print(name, df[name].max())
    print('looked at', name, file=sys.stderr)"""

# The least contrast of texts that are shown, with the text: 4.5 is what WCAG 2.2 AA asks for.
CONTRAST = """
const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
const over = (top, base) => top.slice(0, 3).map((v, i) => v * (top[3] ?? 1) + base[i] * (1 - (top[3] ?? 1)));
const light = (rgb) => rgb.map((v) => v / 255)
  .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
  .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const ground = (node) => {
  const layers = [];
  for (; node; node = node.parentElement) layers.push(parse(getComputedStyle(node).backgroundColor));
  return layers.reverse().reduce((base, layer) => over(layer.length === 3 ? [...layer, 1] : layer, base),
                                 [255, 255, 255]);
};
let least = [99, ""];
for (const node of document.querySelectorAll("body *")) {
  const texts = [...node.childNodes].filter((each) => each.nodeType === 3).map((each) => each.data);
  const text = texts.join("").trim();
  if (!text || !node.checkVisibility() || node.closest(":disabled, .unseen, [aria-hidden]")) continue;
  const base = ground(node);
  const pair = [light(over(parse(getComputedStyle(node).color), base)), light(base)].sort((a, b) => b - a);
  const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
  if (ratio < least[0]) least = [ratio, text.slice(0, 60)];
}
return least;
"""


@unittest.skipIf(browser.MISSING, browser.MISSING)
class Case(support.Case):
    pandas = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.browser = browser.Browser(cls.server.folder)
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        self.browser.show()
        self.open()

    def tearDown(self):
        self.assertEqual(self.browser.problems(), [])

    def open(self):
        self.browser.driver.get(self.server.url + "/")
        self.browser.script("sessionStorage.clear()")
        self.browser.driver.get(self.server.url + "/")

    def sign_in(self, key=None):
        self.browser.find("#key").send_keys((key or self.server.key) + browser.keys().ENTER)
        self.browser.until_shown("#create")

    def make(self, name):
        self.browser.button("New sandbox").click()
        self.browser.press(name, browser.keys().ENTER)
        self.browser.until(lambda: self.browser.find("#name").text == name, f"{name} is there")

    def type(self, code):
        """As if pasted; the page's own indenting would double that of the code."""
        self.browser.script("const area = document.getElementById('code'); area.focus();"
                            "area.value = arguments[0]; area.dispatchEvent(new Event('input'))", code)

    def run_code(self, code):
        before = len(self.browser.all(".cell"))
        self.type(code)
        self.browser.press(browser.keys().CONTROL, browser.keys().ENTER)
        self.browser.until(lambda: len(self.browser.all(".cell")) == before + 1 and
                           not self.browser.all(".cell.running"), "the cell has run")

    def last(self, selector):
        return [each.text for each in self.browser.all(".cell:last-child " + selector)]

    def id_of(self, name):
        listed = self.call("GET", "/console/v1/sandboxes").json["sandboxes"]
        return next(each["id"] for each in listed if each["name"] == name)

    def until_state(self, state):
        self.browser.until(lambda: self.browser.find("#state").text == state, f"it is {state}")


class SigningIn(Case):
    def test_a_wrong_key_is_told_and_a_right_one_lets_in(self):
        self.browser.picture("sign-in")
        self.browser.find("#key").send_keys("wrong" + browser.keys().ENTER)
        self.browser.until(lambda: self.browser.find("#gate-problem").text, "the problem is told")
        self.assertEqual(self.browser.find("#gate-problem").text, "The server does not know this key.")
        (problem,) = self.browser.problems()
        self.assertIn("401", problem)
        self.sign_in()

    def test_the_key_is_kept_in_the_tab_and_nowhere_else(self):
        self.sign_in()
        self.browser.driver.refresh()
        self.browser.until_shown("#create")
        kept = self.browser.script("return location.href + document.cookie + JSON.stringify(localStorage)")
        self.assertNotIn(self.server.key, kept)
        self.browser.button("Sign out").click()
        self.browser.until_shown("#key")
        self.assertEqual(self.browser.script("return JSON.stringify(sessionStorage)"), "{}")

    def test_a_key_that_may_only_read_gets_no_buttons(self):
        self.sign_in()
        self.make("looked at")
        self.open()
        self.sign_in(self.server.add_key("default", "read"))
        self.browser.until(lambda: self.browser.texts("#list b"), "the list is there")
        self.browser.find("#list button").click()
        self.browser.until(lambda: self.browser.find("#name").text == "looked at", "it is chosen")
        for name in ("New sandbox", "Start", "Stop", "Clone", "Undo", "Delete", "Run"):
            self.assertFalse(self.browser.button(name).is_enabled(), name)


class Running(Case):
    def test_output_comes_while_the_code_runs(self):
        self.sign_in()
        self.make("live")
        self.type("import os, sys, time\nprint('first')\n"
                  "while not os.path.exists('go'):\n    time.sleep(0.01)\n"
                  "print('second')\nprint('third', file=sys.stderr)")
        self.browser.press(browser.keys().CONTROL, browser.keys().ENTER)
        self.browser.until(lambda: self.last(".outputs pre") == ["first"], "the first print is shown")
        self.assertTrue(self.browser.all(".cell.running"))
        self.assertFalse(self.browser.button("Undo").is_enabled())
        console.upload(self.server, self.id_of("live"), "go")
        self.browser.until(lambda: not self.browser.all(".cell.running"), "it has run")
        self.assertEqual([text.split("\n")[-1] for text in self.last(".outputs pre")],
                         ["first", "second", "third"])
        self.assertEqual(self.last(".outputs .err .unseen"), ["Error output:"])

    def test_an_interrupt_ends_what_runs(self):
        self.sign_in()
        self.make("endless")
        self.type("print('on')\nwhile True: pass")
        self.browser.button("Run").click()
        self.browser.until(lambda: self.last(".outputs pre") == ["on"], "it runs")
        self.browser.button("Interrupt").click()
        self.browser.until(lambda: not self.browser.all(".cell.running"), "it has ended")
        self.assertIn("KeyboardInterrupt", self.last(".failure")[0])
        self.run_code("print('goes on')")
        self.assertEqual(self.last(".outputs pre"), ["goes on"])

    def test_the_line_of_an_error_is_marked(self):
        self.sign_in()
        self.make("errors")
        self.run_code("x = 1\n\n1 / 0\ny = 2")
        self.assertEqual(self.last(".code .bad code"), ["1 / 0"])
        self.assertIn("ZeroDivisionError: division by zero in line 3", self.last(".failure")[0])
        self.assertEqual(self.browser.find("#code").get_property("value"), "x = 1\n\n1 / 0\ny = 2")
        self.assertEqual(self.browser.texts(".gutter .bad"), ["3"])
        self.assertEqual(self.browser.find("#code").get_attribute("aria-invalid"), "true")
        marked, area = self.browser.find(".mark").rect, self.browser.find("#code").rect
        self.assertAlmostEqual(marked["y"], area["y"] + 2 * marked["height"], delta=2)
        self.browser.press("#")
        self.assertFalse(self.browser.find(".mark").is_displayed())
        self.run_code("def f(:\n    pass")
        self.assertEqual(self.last(".code .bad code"), ["def f(:"])

    def test_what_code_prints_is_text_and_nothing_else(self):
        self.sign_in()
        self.make("hostile <b>")
        self.run_code("import pandas as pd\nprint('<img src=x onerror=\"window.hit=1\">')\n"
                      "open('<svg onload=hit=1>.csv', 'w').write('')\n"
                      "df = pd.DataFrame({'<script>hit=1</script>': ['<img src=x onerror=hit=1>']})\n"
                      "raise ValueError('<iframe srcdoc=x>')")
        self.assertEqual(self.last(".outputs > pre"), ["<img src=x onerror=\"window.hit=1\">"])
        self.assertIn("ValueError: <iframe srcdoc=x>", self.last(".failure")[0])
        self.browser.until(lambda: self.browser.texts("#files button") == ["<svg onload=hit=1>.csv"], "files")
        self.browser.button("Preview df").click()
        self.browser.until_shown("#preview td")
        self.assertEqual(self.browser.texts("#preview td"), ["<img src=x onerror=hit=1>"])
        self.assertIsNone(self.browser.script("return window.hit"))
        self.assertEqual(self.browser.all("main img:not([src^='/']), iframe"), [])

    def test_much_output_does_not_stall_the_page(self):
        self.sign_in()
        self.make("much")
        self.run_code("for n in range(5000): print(n)")
        texts = self.browser.script("return [...document.querySelectorAll('.cell:last-child .outputs pre')]"
                                    ".map((each) => each.textContent)")
        self.assertEqual(texts, [str(n) for n in range(5000)])


class Results(Case):
    def test_dataframes_charts_and_files(self):
        self.sign_in()
        self.make("Weather in June")
        self.run_code(FRAME)
        self.assertEqual(self.last(".outputs > pre")[0], "mean 21.52")
        self.assertIn("Oslo", self.last(".outputs .value")[0])
        told = lambda: self.browser.texts("#frames tbody td")
        self.browser.until(lambda: told()[:2] == ["30", "4"], "the table has it")
        self.assertEqual(self.browser.texts("#frames tbody th"), ["df"])
        self.assertRegex(told()[2], r"^[\d.]+ K?B$")
        self.see_preview()
        self.run_code(CHART)
        self.see_chart()
        self.see_download()
        self.run_code(FAILS)
        browser.settle()
        self.browser.picture("error")
        self.browser.script("document.querySelector('.cell').scrollIntoView()")
        self.browser.picture("cells")
        self.see_every_size()

    def see_preview(self):
        self.browser.button("Preview df").click()
        self.browser.until_shown("#preview td")
        self.assertEqual(len(self.browser.all("#preview tbody tr")), 10)
        titles = self.browser.texts("#preview thead th")[1:]
        self.assertEqual([title.split("\n")[0] for title in titles], ["day", "degrees", "rain", "place"])
        self.assertEqual(titles[1:3], ["degrees\nfloat64", "rain\nint64"])
        self.assertEqual(self.browser.texts("#preview tbody tr:nth-child(3) > *"),
                         ["2", "2026-06-03 00:00:00", "18.2", "4", "<b>Porto</b>"])
        self.assertIn("30 rows", self.browser.find("#preview-about").text)
        self.assertEqual(self.browser.nameless(), [])
        self.browser.picture("preview")
        self.browser.press(browser.keys().ESCAPE)
        self.browser.until(lambda: not self.browser.find("#preview").is_displayed(), "Escape closes it")
        self.assertEqual(self.browser.focused().accessible_name, "Preview df")

    def see_chart(self):
        shown = self.browser.find(".cell:last-child figure img")
        self.browser.until(lambda: shown.get_property("naturalWidth") == 700, "the picture is loaded")
        self.assertEqual(shown.accessible_name, "Chart figure-1.png")

    def see_download(self):
        path = os.path.join(self.browser.downloads, "june.csv")
        for click in (lambda: self.browser.find(".chip[download]").click(),
                      lambda: self.browser.button("Download june.csv").click()):
            click()
            support.wait_until(lambda: os.path.exists(path), "the file is there", 20)
            with open(path, encoding="utf-8") as file:
                self.assertEqual(file.readline(), "day,degrees,rain,place\n")
            os.remove(path)

    def see_every_size(self):
        for name, settings in (("dark", {"dark": True}), ("light", {}),
                               ("tablet", {"width": 820, "height": 1100}),
                               ("phone", {"width": 360, "height": 740, "phone": True}),
                               ("phone-dark", {"width": 360, "height": 740, "phone": True, "dark": True})):
            self.browser.show(**settings)
            browser.settle()
            self.browser.picture(name)
            ratio, text = self.browser.script(CONTRAST)
            self.assertGreaterEqual(ratio, 4.5, f"{name}: {text}")
            self.assertEqual(self.browser.nameless(), [], name)
            beyond = self.browser.script("const all = document.scrollingElement; "
                                         "return [all.scrollWidth - innerWidth,"
                                         "        all.scrollHeight - innerHeight]")
            self.assertEqual(beyond, [0, 0], name)
        self.browser.button("Data").click()
        self.assertTrue(self.browser.button("Preview df").is_displayed())
        self.browser.picture("phone-data")
        self.browser.button("All sandboxes").click()
        self.assertTrue(self.browser.button("New sandbox").is_displayed())
        self.browser.picture("phone-list")


class Life(Case):
    def test_stop_and_start_keep_variables(self):
        self.sign_in()
        self.make("life")
        self.run_code("x = 41")
        self.browser.button("Stop").click()
        self.until_state("stopped")
        for name in ("Stop", "Clone", "Run"):
            self.assertFalse(self.browser.button(name).is_enabled(), name)
        self.browser.button("Start").click()
        self.until_state("running")
        self.run_code("print(x + 1)")
        self.assertEqual(self.last(".outputs pre"), ["42"])

    def test_a_clone_goes_on_apart(self):
        self.sign_in()
        self.make("origin")
        self.run_code("x = 1")
        self.browser.button("Clone").click()
        self.browser.press("copy", browser.keys().ENTER)
        self.browser.until(lambda: self.browser.find("#name").text == "copy", "the copy is chosen")
        self.run_code("x += 1\nprint(x)")
        self.assertEqual(self.last(".outputs pre"), ["2"])
        self.assertEqual(self.browser.find("#list [aria-current] b").text, "copy")
        next(each for each in self.browser.all("#list button") if "origin" in each.text).click()
        self.run_code("print(x)")
        self.assertEqual(self.last(".outputs pre"), ["1"])

    def test_undo_takes_an_execution_back(self):
        self.sign_in()
        self.make("undone")
        self.run_code("x = 1")
        self.run_code("x = 2")
        self.browser.button("Undo").click()
        self.browser.until(lambda: self.last(".status")[0].endswith("taken back"), "the cell says so")
        self.run_code("print(x)")
        self.assertEqual(self.last(".outputs pre"), ["1"])

    def test_delete_asks_first(self):
        self.sign_in()
        self.make("short-lived")
        identity = self.id_of("short-lived")
        self.browser.button("Delete").click()
        self.browser.press(browser.keys().ESCAPE)
        browser.settle()
        self.assertEqual(self.browser.find("#name").text, "short-lived")
        self.browser.button("Delete").click()
        self.assertIn("short-lived", self.browser.find("#ask-text").text)
        self.browser.find("#ask-yes").click()
        self.browser.until_shown("#empty")
        self.assertNotIn("short-lived", self.browser.texts("#list b"))
        self.assertEqual(self.call("GET", f"/console/v1/sandboxes/{identity}").status, 404)

    def test_what_others_do_is_seen(self):
        self.sign_in()
        self.make("shared")
        identity = self.id_of("shared")
        self.call("POST", f"/console/v1/sandboxes/{identity}/stop")
        self.until_state("stopped")
        self.call("DELETE", f"/console/v1/sandboxes/{identity}")
        self.browser.until_shown("#empty")

    def test_what_ran_before_is_shown(self):
        sandbox = self.create()
        self.execute(sandbox, "print('from elsewhere')\nx = 1")
        self.execute(sandbox, "1 / 0")
        self.sign_in()
        self.browser.until(lambda: self.browser.texts("#list b")[:1] == [sandbox[:8]], "it is listed")
        self.browser.find("#list button").click()
        self.browser.until(lambda: len(self.browser.all(".cell")) == 2, "both are shown")
        self.assertEqual(self.browser.find(".cell .outputs pre").text, "from elsewhere")
        self.assertIn("ZeroDivisionError", self.last(".failure")[0])


class Address(Case):
    def test_a_reload_and_the_way_back_find_the_sandbox_again(self):
        self.sign_in()
        self.make("one")
        self.run_code("print('of one')")
        self.make("two")
        self.browser.driver.back()
        self.browser.until(lambda: self.browser.find("#name").text == "one", "the way back")
        self.assertEqual(self.last(".outputs pre"), ["of one"])
        self.browser.driver.refresh()
        self.browser.until(lambda: self.browser.find("#name").text == "one", "a reload")
        self.browser.until(lambda: self.last(".outputs pre") == ["of one"], "what ran is shown")
        self.assertEqual(self.browser.driver.title, "one · clutch")
        self.browser.driver.forward()
        self.browser.until(lambda: self.browser.find("#name").text == "two", "the way forward")
        self.browser.button("Sign out").click()
        self.assertEqual((self.browser.driver.current_url, self.browser.driver.title),
                         (self.server.url + "/", "clutch"))

    def test_another_organisation_sees_nothing_of_this_one(self):
        self.sign_in()
        self.make("hidden")
        address = self.browser.driver.current_url
        self.browser.button("Sign out").click()
        self.browser.driver.get(address)
        self.sign_in(self.server.add_key("strangers"))
        self.browser.until_shown("#none")
        self.assertEqual(self.browser.texts("#list b"), [])
        self.assertFalse(self.browser.find("#work").is_displayed())
        (problem,) = self.browser.problems()
        self.assertIn("404", problem)

    def test_a_server_that_is_away_is_told_and_found_again(self):
        self.sign_in()
        self.make("patient")
        self.browser.command("Network.enable")
        away = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self.browser.command("Network.emulateNetworkConditions", offline=True, **away)
        told = lambda: self.browser.find("#notice").text
        self.browser.until(lambda: told() == "The server cannot be reached.", "it is told")
        self.browser.command("Network.emulateNetworkConditions", offline=False, **away)
        self.assertTrue(self.browser.problems())
        self.run_code("print('on')")
        self.assertEqual(self.last(".outputs pre"), ["on"])
        self.browser.problems()


class Manners(Case):
    def test_the_policy_keeps_out_what_is_not_ours(self):
        self.browser.script("""
            const script = document.createElement("script");
            script.textContent = "window.hit = 1";
            document.head.append(script);
            const style = document.createElement("style");
            style.textContent = "body { display: none }";
            document.head.append(style);
            const button = document.createElement("button");
            button.setAttribute("onclick", "window.hit = 2");
            document.body.append(button);
            button.click();
            fetch("http://127.0.0.1:9/").catch(() => { window.kept = 1; });
        """)
        self.browser.until(lambda: self.browser.script("return window.kept"), "the call fails")
        self.assertIsNone(self.browser.script("return window.hit"))
        self.assertTrue(self.browser.find("#key").is_displayed())
        problems = self.browser.problems()
        for word in ("script-src", "style-src", "connect-src"):
            self.assertTrue(any(word in problem for problem in problems), (word, problems))

    def test_nothing_comes_from_elsewhere(self):
        self.sign_in()
        loaded = self.browser.script("return performance.getEntriesByType('resource').map(({name}) => name)")
        self.assertGreater(len(loaded), 5)
        self.assertEqual([each for each in loaded if not each.startswith(self.server.url + "/")], [])

    def test_all_can_be_done_by_keyboard(self):
        keys = browser.keys()
        self.assertEqual(self.browser.focused().accessible_name, "Key")
        self.browser.press(self.server.key, keys.ENTER)
        self.browser.until_shown("#create")
        for _ in range(3):
            if self.browser.focused().accessible_name == "New sandbox":
                break
            self.browser.press(keys.TAB)
        self.browser.press(keys.ENTER)
        self.browser.press("by keyboard", keys.ENTER)
        self.browser.until(lambda: self.browser.focused().accessible_name == "Code", "the cell has the focus")
        self.browser.press("for n in range(2):", keys.ENTER, "print(n)", keys.CONTROL, keys.ENTER)
        self.browser.until(lambda: self.last(".outputs pre") == ["0", "1"], "it has run")
        self.browser.press("if 1:", keys.ENTER, keys.BACKSPACE, "x = 1", keys.TAB)
        self.assertEqual(self.browser.find("#code").get_property("value"), "if 1:\nx = 1    ")
        self.browser.press(keys.ESCAPE)
        self.browser.press(keys.TAB)
        self.assertEqual(self.browser.focused().accessible_name, "Run")

    def test_everything_has_a_name(self):
        self.assertEqual(self.browser.nameless(), [])
        self.sign_in()
        self.assertEqual(self.browser.nameless(), [])
        self.make("named")
        self.run_code("1 / 0")
        self.assertEqual(self.browser.nameless(), [])
        self.browser.button("Clone").click()
        self.assertEqual(self.browser.nameless(), [])
        self.browser.press(browser.keys().ESCAPE)


if __name__ == "__main__":
    sys.exit(tap.main([sys.modules[__name__]], sys.argv[1:]))
