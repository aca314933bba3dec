// Keeps the promises of the suite from C and from C++: `runner CASES NAME ADMIN_URL...`, an emulator a worker. What a case says and what
// is seen of a call stands in README.md. `runner_c.cpp` and `runner_cpp.cpp` make the calls, each by its own public face; this drives them.
#ifndef PROMISES_RUNNER_HPP
#define PROMISES_RUNNER_HPP

#include "json.hpp"

#ifdef _WIN32
#include <winsock2.h>
#else
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <regex>
#include <sstream>
#include <thread>

// Windows' sockets are POSIX' but for a start, a type and two names.
#ifdef _WIN32
using Socket = SOCKET;
constexpr int MSG_NOSIGNAL = 0;
inline void close_socket(Socket socket) { closesocket(socket); }
inline void start_sockets() {
  WSADATA about;
  if (WSAStartup(MAKEWORD(2, 2), &about) != 0) std::abort();
}
#else
using Socket = int;
inline void close_socket(Socket socket) { close(socket); }
inline void start_sockets() {}
#endif

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds PATIENCE{60};

struct Broken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A client of one face with its calls. What it gives back is what README.md says is seen of them.
class Face {
 public:
  // One iteration; a go is what was seen of it with `items` and `complete`.
  using Go = std::function<Json(long most)>;

  virtual ~Face() = default;
  virtual Json call(const std::string& name, const Json& args, const Json& options) = 0;
  virtual Go items(const std::string& name, const Json& args, const Json& options) = 0;
  virtual Json set(const std::string& name, const std::string& value) = 0;
  // Makes a signature and opens it, or opens the one that `inspect` has.
  virtual Json user_sig(const Json& given, const Json& inspect) = 0;
  virtual Json warm_up(std::uint32_t n, std::uint32_t timeout_ms) = 0;
  virtual Json stats() = 0;
  virtual void shutdown() = 0;
  virtual void close(const Json& drain_ms) = 0;
  virtual void cancel() = 0;

  // All that was shown.
  void show(const std::string& text) {
    const std::lock_guard<std::mutex> lock(mutex_);
    shown_ += text + "\n";
  }
  std::string shown() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return shown_;
  }

 private:
  std::mutex mutex_;
  std::string shown_;
};

// Makes a client; `face` stays null where the settings are refused. Defined by each face.
Json make_client(const Json& settings, std::unique_ptr<Face>& face);
// What a face cannot show, such as typed results in C: it is taken from what is wanted.
std::vector<std::string> never_shown();

inline std::string outcome(int code, bool in_doubt, bool already_deleted, int attempts) {
  return std::to_string(code) + (in_doubt ? ", in doubt" : "") + (already_deleted ? ", already deleted" : "") + ", " + std::to_string(attempts)
         + (attempts == 1 ? " attempt" : " attempts");
}

inline Json read_or_none(const std::string& text) {
  try {
    return Json::read(text);
  } catch (const std::exception&) {
    return {};
  }
}

class Case {
 public:
  Case(const Json& given, std::string emulator) : case_(given), emulator_(std::move(emulator)) {}

  void run() {
    admin("POST /reset");
    keep("", admin("GET /"));
    try {
      take(case_["steps"]);
      show_no_secret();
    } catch (...) {
      end();
      throw;
    }
    end();
  }

 private:
  void end() {
    admin("DELETE /faults");
    for (auto& face : faces_) face->close({});
  }

  Json admin(const std::string& what, const Json& body = {}) const {
    const std::size_t space = what.find(' ');
    const std::string sent = body.is(Json::Kind::NONE) ? "" : body.write();
    std::string request = what.substr(0, space) + " " + what.substr(space + 1) + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: ";
    const std::string answer = exchange(request + std::to_string(sent.size()) + "\r\n\r\n" + sent);
    const std::size_t head = answer.find("\r\n\r\n");
    if (answer.compare(0, 12, "HTTP/1.1 200") != 0 || head == std::string::npos) throw Broken(what + ": " + answer);
    Json value = head + 4 == answer.size() ? Json() : read_or_none(answer.substr(head + 4));
    if (value.has("requests")) {
      for (Json& one : value.members["requests"].list) {
        Json read = read_or_none(one["body"].text);
        if (!read.is(Json::Kind::NONE)) one.members["body"] = std::move(read);
      }
    }
    return value;
  }

  std::string exchange(const std::string& request) const {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(emulator_.substr(emulator_.rfind(':') + 1))));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const Socket fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) throw Broken("the admin port does not answer");
    for (std::size_t sent = 0; sent < request.size();) {
      const auto n = send(fd, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) break;
      sent += static_cast<std::size_t>(n);
    }
    std::string answer;
    char part[16384];
    for (long n = 0; (n = static_cast<long>(recv(fd, part, sizeof part, 0))) > 0;) answer.append(part, static_cast<std::size_t>(n));
    close_socket(fd);
    return answer;
  }

  void keep(const std::string& name, const Json& answer) {
    for (const auto& [key, value] : answer.members) {
      words_[name + key] = value.is(Json::Kind::TEXT) ? value.text : value.write();
      const bool is_url = key.size() >= 3 && key.compare(key.size() - 3, 3, "url") == 0;
      if (is_url) words_[name + key.substr(0, key.size() - 3) + "port"] = value.text.substr(value.text.rfind(':') + 1);
    }
  }

  // With the words of this emulator in their places.
  Json told(Json value) const {
    for (const auto& [word, is] : words_) {
      const std::string place = "{" + word + "}";
      for (std::size_t at = 0; (at = value.text.find(place, at)) != std::string::npos; at += is.size()) value.text.replace(at, place.size(), is);
    }
    for (Json& one : value.list) one = told(std::move(one));
    for (auto& [name, one] : value.members) one = told(std::move(one));
    return value;
  }

  void take(const Json& steps) {
    for (const Json& given : steps.list) {
      Json step;
      step.kind = Json::Kind::OBJECT;
      for (const auto& [name, value] : given.members) step.members[name] = name == "during" ? value : told(value);
      for (long times = static_cast<long>(step["times"].number_or(1)); times > 0; --times) take_one(step);
    }
  }

  void take_one(const Json& step) {
    const auto ms = [&step](const char* name, long double otherwise) { return static_cast<std::uint32_t>(step[name].number_or(otherwise)); };
    if (step.has("admin")) return take_admin(step);
    if (step.has("client")) return take_client(step["client"], step);
    if (!face_ && !step.has("pause_ms")) throw Broken("no client: " + step.write());
    if (step.has("call")) return take_call(step);
    if (step.has("items")) return take_items(step);
    if (step.has("stats")) return take_stats(step);
    if (step.has("warm_up")) return check(face_->warm_up(ms("warm_up", 1), ms("timeout_ms", 60000)), step);
    if (step.has("user_sig")) {
      for (const Json& one : {step["user_sig"], step["inspect"]}) secrets_.push_back(one["secret_key"].text);
      return check(face_->user_sig(step["user_sig"], step["inspect"]), step);
    }
    for (const auto& [name, value] : step["set"].members) {
      secrets_.push_back(value.text);
      check(face_->set(name, value.text), step);
    }
    if (step.has("cancel")) face_->cancel();
    if (step.has("shutdown")) face_->shutdown();
    if (step.has("close")) face_->close(step["drain_ms"]);
    if (step.has("pause_ms")) std::this_thread::sleep_for(std::chrono::milliseconds(ms("pause_ms", 0)));
  }

  void check(const Json& seen, const Json& step) const {
    if (!step.has("seen")) return;
    Json wanted = step["seen"];
    for (const std::string& name : never_shown()) wanted.members.erase(name);
    // Of an error all names are seen that it goes by.
    if (wanted["error"].is(Json::Kind::TEXT)) wanted.members["error"] = std::map<std::string, Json>{{"$some", wanted["error"]}};
    const std::string difference = differs(seen, wanted);
    if (difference.empty()) return;
    Json about = step;
    about.members.erase("seen");
    about.members.erase("during");
    throw Broken(about.write().substr(0, 300) + ": " + difference);
  }

  void take_admin(const Json& step) {
    const auto ask = [&] { return admin(step["admin"].text, step["body"]); };
    Json answer = ask();
    for (const auto late = Clock::now() + PATIENCE; step.has("until") && !differs(answer, step["until"]).empty() && Clock::now() < late; answer = ask()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    if (step.has("as")) keep(step["as"].text + ".", answer);
    Json looked = step;
    if (step.has("until")) looked.members["seen"] = step["until"];
    check(answer, looked);
  }

  void take_client(const Json& settings, const Json& step) {
    for (const char* name : {"secret_key", "user_sig"}) secrets_.push_back(settings[name].text);
    const std::string proxy = settings["proxy"].text;
    const std::size_t at = proxy.find('@'), colon = proxy.rfind(':', at);
    if (at != std::string::npos) secrets_.push_back(proxy.substr(colon + 1, at - colon - 1));
    std::unique_ptr<Face> made;
    const Json seen = make_client(settings, made);
    refusals_ += seen.write();
    if (made) faces_.push_back(std::move(made)), face_ = faces_.back().get();
    check(seen, step);
  }

  void take_call(const Json& step) {
    Face& face = *face_;
    Json seen;
    const auto call = [&] {
      const auto begun = Clock::now();
      seen = face.call(step["call"].text, step["args"], step["options"]);
      seen.members["ms"] = std::chrono::duration<long double, std::milli>(Clock::now() - begun).count();
    };
    if (!step.has("during")) {
      call();
      return check(seen, step);
    }
    std::exception_ptr thrown;
    std::thread beside([&] {
      try {
        call();
      } catch (...) {
        thrown = std::current_exception();
      }
    });
    try {
      take(step["during"]);
    } catch (...) {
      face.shutdown();
      beside.join();
      throw;
    }
    beside.join();
    if (thrown) std::rethrow_exception(thrown);
    check(seen, step);
  }

  void take_items(const Json& step) {
    const long most = static_cast<long>(step["take"].number_or(-1));
    std::vector<Json> goes;
    {
      const Face::Go go = face_->items(step["items"].text, step["args"], step["options"]);
      for (long times = static_cast<long>(step["goes"].number_or(1)); times > 0; --times) goes.push_back(go(most));
    }
    if (!step.has("goes")) return check(goes[0], step);
    for (std::size_t i = 0; i < step["seen"].list.size(); ++i) {
      Json one = step;
      one.members["seen"] = step["seen"].list[i];
      check(i < goes.size() ? goes[i] : Json(), one);
    }
  }

  void take_stats(const Json& step) {
    Json counted = face_->stats();
    for (const auto late = Clock::now() + PATIENCE; step.has("until") && !differs(counted, step["stats"]).empty() && Clock::now() < late;) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      counted = face_->stats();
    }
    Json looked = step;
    looked.members["seen"] = step["stats"];
    check(counted, looked);
  }

  void show_no_secret() {
    std::string shown = refusals_;
    for (auto& face : faces_) shown += face->shown();
    for (const std::string& secret : secrets_) {
      for (std::size_t at = 0; at + 16 <= secret.size(); at += 8) {
        const std::size_t found = shown.find(secret.substr(at, 16));
        if (found != std::string::npos) throw Broken("shows a secret: " + shown.substr(found > 60 ? found - 60 : 0, 80));
      }
    }
    static const std::string in_it = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*_-";
    for (const char* begin : {"eJ", "eA"}) {
      for (std::size_t at = 0; (at = shown.find(begin, at)) != std::string::npos; ++at) {
        const std::size_t over = shown.find_first_not_of(in_it, at);
        if ((over == std::string::npos ? shown.size() : over) - at > 62) throw Broken("shows a signature: " + shown.substr(at > 60 ? at - 60 : 0, 64));
      }
    }
  }

  const Json& case_;
  std::string emulator_;
  std::map<std::string, std::string> words_;
  std::vector<std::unique_ptr<Face>> faces_;
  Face* face_ = nullptr;
  std::string refusals_;
  std::vector<std::string> secrets_;
};

inline int keep_promises(int argc, char** argv) {
  if (argc < 4) return 2;
  start_sockets();
  std::ifstream file(argv[1]);
  std::stringstream text;
  text << file.rdbuf();
  const Json cases = Json::read(text.str());
  std::mutex mutex;
  std::size_t next = 0;
  int passed = 0, failed = 0;
  const auto work = [&](const std::string& emulator) {
    for (;;) {
      const Json* one = nullptr;
      {
        const std::lock_guard<std::mutex> lock(mutex);
        while (next < cases.list.size() && cases.list[next]["not_in"].has(argv[2])) ++next;
        if (next == cases.list.size()) return;
        one = &cases.list[next++];
      }
      std::string why;
      try {
        Case(*one, emulator).run();
      } catch (const std::exception& error) {
        why = std::string(": ") + error.what();
      }
      const std::lock_guard<std::mutex> lock(mutex);
      ++(why.empty() ? passed : failed);
      if (!why.empty()) std::cout << "FAILED " << (*one)["name"].text << why << std::endl;
    }
  };
  std::vector<std::thread> workers;
  for (int i = 3; i < argc; ++i) workers.emplace_back(work, argv[i]);
  for (std::thread& worker : workers) worker.join();
  std::cout << passed << " passed, " << failed << " failed" << std::endl;
  return failed == 0 && passed > 0 ? 0 : 1;
}

#endif
