"""The emulator's page in a real browser: the main paths by clicks and keys, live updates from a client's calls, what axe-core finds,
and pictures of it.

usage: page.py EMULATOR PICTURES     with the Python package and its library in reach, and chromium and chromedriver on the PATH
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.request
from pathlib import Path
from typing import Any, Callable

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from tencent_chat import Client, Contact

KEY = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e"
AXE = Path(__file__).parent / "axe/axe.min.js"
EMULATOR, PICTURES = Path(sys.argv[1]), Path(sys.argv[2])
VIEWS = ("requests", "accounts", "faults", "service")


def chromium() -> webdriver.Chrome:
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    # In a container there are neither namespaces for the sandbox nor a large /dev/shm.
    for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--force-color-profile=srgb"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.add_experimental_option("prefs", {"download.default_directory": tempfile.mkdtemp(), "safebrowsing.enabled": False})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))


class Page(unittest.TestCase):
    browser: webdriver.Chrome

    @classmethod
    def setUpClass(cls) -> None:
        cls.browser = chromium()
        cls.addClassCleanup(cls.browser.quit)

    def setUp(self) -> None:
        self.emulator = subprocess.Popen([EMULATOR, "--until-stdin-closes"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.emulator.communicate)
        assert self.emulator.stdout
        self.at = json.loads(self.emulator.stdout.readline())
        self.client = Client(base_url=self.at["url"], sdk_app_id=1400000000, identifier="administrator", secret_key=KEY)
        self.addCleanup(self.client.close)
        self.resident = int(re.findall(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{self.emulator.pid}/status").read_text())[0])
        self.browser.set_window_size(1200, 900)
        self.scheme("light")
        self.browser.get(self.at["admin_url"] + "/")
        self.until(lambda: self.text("#link") == "live")

    def tearDown(self) -> None:
        # An emulator of an earlier test has ended, and its page was told so.
        told = [line for line in self.browser.get_log("browser") if self.at["admin_url"] in line["message"]]
        wrong = [line for line in told if line["level"] == "SEVERE"]
        # What the page refuses on purpose (a taken name) is told by the browser, too.
        self.assertEqual([line for line in wrong if "status of 4" not in line["message"]], [])

    def until(self, what: Callable[[], Any]) -> Any:
        def now(_: webdriver.Chrome) -> Any:
            try:
                return what()
            except Exception as error:  # it is not there yet
                last.append(error)
                return False

        last: list[Exception] = []
        return WebDriverWait(self.browser, 20, 0.05).until(now, f"not within 20 seconds; last: {last[-1:]}\n{self.text('body')}")

    def find(self, css: str) -> WebElement:
        return self.browser.find_element(By.CSS_SELECTOR, css)

    def text(self, css: str) -> str:
        return self.find(css).text

    def click(self, name: str) -> None:
        # Found and clicked in one: what comes from the emulator meanwhile draws a button anew.
        self.until(lambda: self.browser.find_element(By.XPATH, f"//button[normalize-space()={name!r}]").click() is None)

    def view(self, name: str) -> None:
        self.until(lambda: self.find(f'nav a[href="#{name}"]').click() is None)
        self.until(lambda: self.find('nav a[aria-current="page"]').get_attribute("href").endswith("#" + name))
        self.until(lambda: self.find("#view h2"))

    def admin(self, path: str, body: Any = None, method: str = "GET") -> Any:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.at["admin_url"] + path, data, method=method)) as answer:
            return json.load(answer)

    def make_group(self, name: str = "colleagues") -> None:
        self.client.create_contact_group("user_0001", name, [Contact.one_to_one("user_0002")])

    def scheme(self, name: str) -> None:
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": name}]})

    def test_before_the_page_is_opened_the_emulator_holds_less_than_8_mb(self) -> None:
        self.assertLess(self.resident, 8 * 1024)

    def test_calls_of_a_client_come_by_themselves_are_filtered_and_copied(self) -> None:
        self.make_group()
        self.until(lambda: "create_contact_group" in self.text("#view table"))
        self.client.get_contact_group("user_0001")
        self.until(lambda: "get_contact_group" in self.text("#view table"))
        self.find('input[name="command"]').send_keys("create")
        self.until(lambda: "get_contact_group" not in self.text("#view table"))
        row = self.until(lambda: self.find("#view table button"))
        row.send_keys(Keys.ENTER)
        self.until(lambda: "user_0002" in self.text(".request"))
        self.assertEqual(self.find("#view table button").get_attribute("aria-expanded"), "true")
        shown = self.text(".request")
        self.assertIn("usersig_sha256", shown)
        self.assertNotIn(KEY, self.browser.page_source)
        for language, part in [("curl", "--data-binary"), ("C", "chat_call(client"), ("Python", "client.call("), ("Go", "client.Call(")]:
            Select(self.find('select[name="language"]')).select_by_visible_text(language)
            self.click("Copy")
            self.until(lambda part=part: part in self.text(".request pre"))
        self.picture("requests")

    def test_the_python_and_the_curl_that_are_copied_make_the_call_again(self) -> None:
        self.make_group('odd "name" \'\\ 設計 $x ??/')
        row = self.until(lambda: self.find("#view table button"))
        row.click()
        before = self.admin("/log")["total"]
        sent = json.loads(self.admin("/log")["requests"][0]["body"])
        for language, program in [("Python", [sys.executable, "-"]), ("curl", ["sh", "-s"])]:
            Select(self.find('select[name="language"]')).select_by_visible_text(language)
            self.click("Copy")
            self.until(lambda language=language: language in self.text("#said"))
            text = self.find(".request pre").get_attribute("textContent") or ""
            ended = subprocess.run(program, input=text, text=True, capture_output=True, env={**os.environ, "CHAT_SECRET_KEY": KEY, "USERSIG": "none"})
            self.until(lambda: self.admin("/log")["total"] > before)
            again = self.admin("/log")["requests"][-1]
            before = self.admin("/log")["total"]
            self.assertEqual(json.loads(again["body"]), sent, ended.stderr)

    def test_answer_lost_by_a_click_is_already_deleted_in_the_client(self) -> None:
        self.make_group()
        self.view("faults")
        self.until(lambda: self.find('select[name="kind"]'))
        Select(self.find('select[name="path"]')).select_by_value("v4/recentcontact/del_contact_group")
        self.click("Add fault")
        self.until(lambda: "drop reset" in self.text('table[aria-label="Faults to come"]'))
        self.picture("faults")
        self.assertTrue(self.client.del_contact_group("user_0001", "colleagues").already_deleted)
        self.until(lambda: "drop reset" in self.text('table[aria-label="Faults played"]'))
        self.view("requests")
        self.until(lambda: "drop reset" in self.text("#view table"))

    def test_every_fault_that_is_offered_can_be_added_and_cleared(self) -> None:
        self.view("faults")
        kinds = self.until(lambda: Select(self.find('select[name="kind"]')))
        names = [option.text for option in kinds.options]
        self.assertGreater(len(names), 40)
        for name in names:
            Select(self.find('select[name="kind"]')).select_by_visible_text(name)
            self.click("Add fault")
            self.until(lambda: self.text("#said") or self.text("#wrong"))
            self.assertEqual(self.text("#wrong"), "", name)
        self.assertEqual(len(self.admin("/faults")), len(names))
        self.click("Clear the faults")
        self.until(lambda: self.admin("/faults") == [])

    def test_accounts_groups_marks_and_pins_are_edited_by_keys_alone(self) -> None:
        self.view("accounts")
        field = self.until(lambda: self.find('input[name="id"]'))
        field.send_keys("alice", Keys.ENTER)
        summary = self.until(lambda: self.find('[data-account="alice"] summary'))
        summary.send_keys(Keys.ENTER)
        self.until(lambda: self.find('[data-account="alice"] input[name="group"]')).send_keys("work", Keys.ENTER)
        self.until(lambda: self.find('[data-account="alice"] [data-key="work"]'))
        into = self.find('[data-account="alice"] select[name="group"]')
        into.send_keys("work")
        Select(self.find('[data-account="alice"] select[name="mark"]')).select_by_visible_text("star")
        self.find('[data-account="alice"] input[name="peer"]').send_keys("bob", Keys.ENTER)
        row = self.until(lambda: self.find('[data-account="alice"] [data-key="bob"]'))
        self.assertIn("work", row.text)
        self.assertIn("star", row.text)
        peers = self.browser.find_elements(By.CSS_SELECTOR, '[data-account="alice"] input[name="peer"]')
        peers[-1].send_keys("carol", Keys.ENTER)
        self.click("Pin carol")
        self.until(lambda: "Unpin carol" in self.text('[data-account="alice"]'))
        state = self.admin("/state")["accounts"]["alice"]
        self.assertEqual([group["name"] for group in state["groups"]], ["work"])
        self.assertEqual((state["entries"][0]["standard_mark"], state["entries"][0]["groups"]), ("1", [1]))
        self.assertTrue(state["conversations"][0]["pinned"])
        self.assertEqual([entry.contact.id for entry in self.client.contact_group_items("alice")], ["bob"])
        self.picture("accounts")
        self.find('input[name="id"]').send_keys("alice", Keys.ENTER)
        self.until(lambda: "already" in self.text("#wrong"))
        self.click("Delete group work")
        self.until(lambda: self.admin("/state")["accounts"]["alice"]["groups"] == [])
        self.click("Delete account alice")
        self.browser.switch_to.alert.accept()
        self.until(lambda: "alice" not in self.admin("/state")["accounts"])

    def test_a_change_of_a_client_meanwhile_is_not_lost(self) -> None:
        self.view("accounts")
        self.until(lambda: self.find('input[name="id"]'))
        # Between the reading and the writing of each of the first attempts another call changes the state.
        self.browser.execute_script("""
            const plain = window.fetch; let left = 3;
            window.fetch = async (path, options) => {
              if (options?.method === "PUT" && left-- > 0) await plain("/state", { method: "PUT", headers: { "Content-Type": "application/json" },
                body: JSON.stringify({ accounts: { user_0001: {}, ["other_" + left]: {} } }) });
              return plain(path, options);
            };
        """)
        self.find('input[name="id"]').send_keys("alice", Keys.ENTER)
        self.until(lambda: "alice" in self.admin("/state")["accounts"])
        self.assertEqual(list(self.admin("/state")["accounts"]), ["alice", "other_0", "user_0001"])

    def test_the_state_is_saved_loaded_and_reset(self) -> None:
        self.view("accounts")
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "state.json")
            file.write_text('{"accounts":{"dora":{}}}')
            self.until(lambda: self.find('input[type="file"]')).send_keys(str(file))
            self.until(lambda: list(self.admin("/state")["accounts"]) == ["dora"])
            file.write_text('{"accounts":{"dora":{"groups":[{"id":0,"name":"x"}]}}}')
            self.find('input[type="file"]').send_keys(str(file))
            self.until(lambda: "id of its own" in self.text("#wrong"))
        self.browser.execute_script("URL.createObjectURL = (blob) => { blob.text().then((text) => (window.saved = text)); return '#'; };")
        self.click("Save state as a file")
        self.assertEqual(json.loads(self.until(lambda: self.browser.execute_script("return window.saved"))), self.admin("/state"))
        self.browser.get(self.at["admin_url"] + "/ui/#accounts")
        self.click("Reset everything")
        self.browser.switch_to.alert.accept()
        self.until(lambda: "user_0001" in self.admin("/state")["accounts"])

    def test_clock_settings_listeners_and_rates(self) -> None:
        self.make_group()
        self.view("service")
        self.until(lambda: "create_contact_group" in self.text('table[aria-label="Calls of each command"]'))
        self.assertIn("the limit of a command is 200", self.find("svg").get_attribute("aria-label"))
        self.click("Move")
        self.until(lambda: self.admin("/clock")["setting"] == {"offset_s": 3600})
        self.click("Real time")
        self.until(lambda: self.admin("/clock")["setting"] == {})
        self.find('input[name="plan"]').send_keys(Keys.SPACE)
        limit = self.find('input[name="rate_limit"]')
        limit.clear()
        limit.send_keys("50", Keys.ENTER)
        self.until(lambda: self.admin("/settings")["rate_limit"] == 50)
        self.assertFalse(self.admin("/settings")["plan"])
        Select(self.find('select[name="certificate"]')).select_by_value("expired")
        self.click("Open a listener")
        self.until(lambda: "expired" in self.text('table[aria-label="Listeners"]'))
        self.picture("service")
        self.click("Close listener 1")
        self.until(lambda: self.admin("/listeners") == [])

    def test_axe_finds_nothing_in_light_and_dark_and_on_a_narrow_screen(self) -> None:
        self.make_group()
        self.admin("/faults", {"code": 50004}, "POST")
        for scheme in ("light", "dark"):
            self.scheme(scheme)
            for width in (1200, 400):
                self.browser.execute_cdp_cmd(
                    "Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
                )
                for view in VIEWS:
                    self.view(view)
                    self.until(lambda: self.find("#view button"))
                    if view == "accounts":
                        summary = self.until(lambda: self.find('[data-account="user_0001"]'))
                        if summary.get_attribute("open") is None:
                            self.find('[data-account="user_0001"] summary').click()
                    self.assert_accessible(f"{view}, {scheme}, {width} px")
                    wide = self.browser.execute_script("return document.documentElement.scrollWidth - innerWidth")
                    self.assertLessEqual(wide, 0, f"{view} is wider than {width} px")
                    self.picture(f"{view}-{scheme}-{width}")
        self.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def assert_accessible(self, where: str) -> None:
        # The page's own policy lets no script in; the driver's are not the page's.
        self.browser.execute_script(AXE.read_text(encoding="utf-8"))
        found = self.browser.execute_async_script("const done = arguments[0]; axe.run().then((r) => done(r.violations), (e) => done([String(e)]))")
        bad = [(one["id"], one["impact"], [node["html"] for node in one["nodes"]][:3]) for one in found]
        self.assertEqual(bad, [], where)

    def picture(self, name: str) -> None:
        self.browser.save_screenshot(str(PICTURES / f"{name}.png"))


if __name__ == "__main__":
    PICTURES.mkdir(parents=True, exist_ok=True)
    unittest.main(argv=sys.argv[:1], verbosity=2)
