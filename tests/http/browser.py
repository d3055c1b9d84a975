# SPDX-License-Identifier: Apache-2.0
"""A Chromium without a screen, driven as people drive it: by names, keys and clicks."""

import os
import shutil
import time

import support

try:
    from selenium import webdriver
    from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
except ImportError:
    webdriver = None

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
MISSING = None if webdriver and CHROMIUM and DRIVER else "chromium, chromedriver and selenium are needed"
PICTURES = os.path.join(os.path.abspath(os.environ.get("CLUTCH_BUILD", "build")), "page")

# All that can be used by keyboard or is read out as something to use.
USABLE = {"button", "link", "textbox", "checkbox", "combobox", "searchbox", "tab", "menuitem", "dialog",
          "toolbar", "navigation", "region", "image", "table"}


class Browser:
    def __init__(self, folder):
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for argument in ("--headless=new", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars",
                         "--no-first-run", "--disable-background-networking", "--window-size=1360,860",
                         f"--user-data-dir={os.path.join(folder, 'profile')}"):
            options.add_argument(argument)
        if os.geteuid() == 0:
            options.add_argument("--no-sandbox")  # Chromium's own needs a user that is not root
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=webdriver.chrome.service.Service(DRIVER), options=options)
        self.driver.set_page_load_timeout(support.SECONDS)
        self.downloads = os.path.join(folder, "downloads")
        os.makedirs(self.downloads, exist_ok=True)
        self.command("Browser.setDownloadBehavior", behavior="allow", downloadPath=self.downloads)

    def close(self):
        self.driver.quit()

    def command(self, name, **arguments):
        return self.driver.execute_cdp_cmd(name, arguments)

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def show(self, width=1360, height=860, dark=False, phone=False):
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height,
                     deviceScaleFactor=2 if phone else 1, mobile=phone)
        self.command("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce"}])

    def picture(self, name):
        os.makedirs(PICTURES, exist_ok=True)
        self.driver.save_screenshot(os.path.join(PICTURES, name + ".png"))

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def texts(self, selector):
        return [each.text for each in self.all(selector)]

    def until(self, condition, what):
        def holds():
            try:
                return condition()
            except (NoSuchElementException, StaleElementReferenceException):
                return False
        support.wait_until(holds, what, 20)

    def until_shown(self, selector):
        self.until(lambda: self.find(selector).is_displayed(), f"{selector} is shown")

    def button(self, name):
        """The one that is shown and has that accessible name, once it is there."""
        found = []

        def look():
            found[:] = [each for each in self.all("button")
                        if each.is_displayed() and each.accessible_name == name]
            return len(found) == 1

        self.until(look, f"one button is called {name}")
        return found[0]

    def press(self, *keys):
        self.driver.switch_to.active_element.send_keys(*keys)

    def focused(self):
        return self.driver.switch_to.active_element

    def problems(self):
        """What the console has said since it was last asked: errors, refusals by the policy."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def nameless(self):
        """What one could use but not name."""
        nodes = self.command("Accessibility.getFullAXTree")["nodes"]
        return [node["role"]["value"] for node in nodes
                if not node.get("ignored") and node.get("role", {}).get("value") in USABLE
                and not node.get("name", {}).get("value", "").strip()]


def keys():
    return Keys


def settle():
    """For what has no end that could be waited for, such as a picture of the screen."""
    time.sleep(0.3)
