// JSON for the runners of C and C++: read, written, compared with a pattern. Knows nothing of the library.
#ifndef PROMISES_JSON_HPP
#define PROMISES_JSON_HPP

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

class Json {
 public:
  enum class Kind { NONE, BOOL, NUMBER, TEXT, LIST, OBJECT };

  Kind kind = Kind::NONE;
  bool yes = false;
  long double number = 0;
  std::string text;
  std::vector<Json> list;
  std::map<std::string, Json> members;

  Json() = default;
  Json(bool value) : kind(Kind::BOOL), yes(value) {}
  Json(int value) : kind(Kind::NUMBER), number(value) {}
  Json(long double value) : kind(Kind::NUMBER), number(value) {}
  Json(std::string value) : kind(Kind::TEXT), text(std::move(value)) {}
  Json(const char* value) : kind(Kind::TEXT), text(value) {}
  Json(std::vector<Json> value) : kind(Kind::LIST), list(std::move(value)) {}
  Json(std::map<std::string, Json> value) : kind(Kind::OBJECT), members(std::move(value)) {}

  bool is(Kind other) const { return kind == other; }
  bool has(const std::string& name) const { return members.count(name) != 0; }
  // The member; null when there is none.
  const Json& operator[](const std::string& name) const {
    static const Json none;
    const auto found = members.find(name);
    return found == members.end() ? none : found->second;
  }
  long double number_or(long double otherwise) const { return kind == Kind::NUMBER ? number : kind == Kind::BOOL ? yes : otherwise; }

  static Json read(const std::string& text) {
    Reader reader{text, 0};
    Json value = reader.value();
    reader.space();
    if (reader.at != text.size()) throw std::runtime_error("no JSON: " + text.substr(0, 200));
    return value;
  }

  std::string write() const {
    switch (kind) {
      case Kind::NONE:
        return "null";
      case Kind::BOOL:
        return yes ? "true" : "false";
      case Kind::NUMBER: {
        char digits[64];
        const bool whole = number == static_cast<long double>(static_cast<std::int64_t>(number));
        std::snprintf(digits, sizeof digits, whole ? "%.0Lf" : "%.6Lg", number);
        return digits;
      }
      case Kind::TEXT:
        return quoted(text);
      case Kind::LIST:
        break;
      case Kind::OBJECT:
        break;
    }
    std::string all, comma;
    for (const Json& one : list) all += comma + one.write(), comma = ",";
    for (const auto& [name, one] : members) all += comma + quoted(name) + ":" + one.write(), comma = ",";
    return kind == Kind::LIST ? "[" + all + "]" : "{" + all + "}";
  }

 private:
  static std::string quoted(const std::string& text) {
    std::string all = "\"";
    for (const char c : text) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned char>(c));
      if (c == '"' || c == '\\') all += '\\', all += c;
      else if (static_cast<unsigned char>(c) < 0x20) all += escaped;
      else all += c;
    }
    return all + "\"";
  }

  struct Reader {
    const std::string& text;
    std::size_t at;

    void space() { at = text.find_first_not_of(" \t\r\n", at), at = at == std::string::npos ? text.size() : at; }
    [[noreturn]] void fail() const { throw std::runtime_error("no JSON at " + std::to_string(at) + ": " + text.substr(0, 200)); }
    char next() {
      space();
      if (at >= text.size()) fail();
      return text[at];
    }
    void expect(char c) {
      if (next() != c) fail();
      ++at;
    }
    bool took(char c) { return next() == c ? (++at, true) : false; }

    Json value() {
      Json made;
      switch (next()) {
        case '{':
          made.kind = Kind::OBJECT, ++at;
          if (took('}')) return made;
          do {
            next();
            std::string name = string();
            expect(':');
            made.members[std::move(name)] = value();
          } while (took(','));
          expect('}');
          return made;
        case '[':
          made.kind = Kind::LIST, ++at;
          if (took(']')) return made;
          do made.list.push_back(value());
          while (took(','));
          expect(']');
          return made;
        case '"':
          return string();
        default:
          break;
      }
      for (const auto& [word, is] : {std::pair<const char*, Json>{"true", true}, {"false", false}, {"null", Json()}}) {
        if (text.compare(at, std::string(word).size(), word) == 0) return at += std::string(word).size(), is;
      }
      char* end = nullptr;
      const long double read = std::strtold(text.c_str() + at, &end);
      if (end == text.c_str() + at) fail();
      at = static_cast<std::size_t>(end - text.c_str());
      return read;
    }

    unsigned hex() {
      if (at + 4 > text.size()) fail();
      const unsigned code = static_cast<unsigned>(std::stoul(text.substr(at, 4), nullptr, 16));
      at += 4;
      return code;
    }

    static void utf8(std::string& into, unsigned code) {
      if (code < 0x80) into += static_cast<char>(code);
      else if (code < 0x800) into += static_cast<char>(0xc0 | code >> 6), into += static_cast<char>(0x80 | (code & 0x3f));
      else {
        if (code < 0x10000) into += static_cast<char>(0xe0 | code >> 12);
        else into += static_cast<char>(0xf0 | code >> 18), into += static_cast<char>(0x80 | (code >> 12 & 0x3f));
        into += static_cast<char>(0x80 | (code >> 6 & 0x3f)), into += static_cast<char>(0x80 | (code & 0x3f));
      }
    }

    std::string string() {
      std::string all;
      expect('"');
      for (;;) {
        if (at >= text.size()) fail();
        const char c = text[at++];
        if (c == '"') return all;
        if (c != '\\') {
          all += c;
          continue;
        }
        if (at >= text.size()) fail();
        const char escaped = text[at++];
        static const std::map<char, char> short_ones{{'n', '\n'}, {'t', '\t'}, {'r', '\r'}, {'b', '\b'}, {'f', '\f'}};
        if (escaped != 'u') {
          const auto found = short_ones.find(escaped);
          all += found == short_ones.end() ? escaped : found->second;
          continue;
        }
        unsigned code = hex();
        if (code >= 0xd800 && code < 0xdc00 && text.compare(at, 2, "\\u") == 0) at += 2, code = 0x10000 + ((code - 0xd800) << 10) + (hex() - 0xdc00);
        utf8(all, code);
      }
    }
  };
};

inline std::string differs(const Json& seen, const Json& wanted, const std::string& at = "");

inline bool holds(const std::string& rule, const Json& wanted, const Json& seen) {
  const std::string text = seen.is(Json::Kind::TEXT) ? seen.text : seen.write();
  if (rule == "$has") return text.find(wanted.text) != std::string::npos;
  if (rule == "$lacks") return text.find(wanted.text) == std::string::npos;
  if (rule == "$from") return seen.is(Json::Kind::NUMBER) && seen.number >= wanted.number;
  if (rule == "$to") return seen.is(Json::Kind::NUMBER) && seen.number <= wanted.number;
  if (rule == "$count") return differs(static_cast<int>(seen.list.size() + seen.members.size()), wanted).empty();
  if (rule == "$is") return seen.write() == wanted.write();
  if (rule == "$not") return !differs(seen, wanted).empty();
  if (rule == "$tail") {
    if (seen.list.size() < wanted.list.size()) return false;
    return differs(std::vector<Json>(seen.list.end() - static_cast<std::ptrdiff_t>(wanted.list.size()), seen.list.end()), wanted).empty();
  }
  if (rule == "$some") {
    for (const Json& one : seen.list) if (differs(one, wanted).empty()) return true;
  }
  if (rule == "$any") {
    for (const Json& one : wanted.list) if (differs(seen, one).empty()) return true;
  }
  return false;
}

inline std::string differs_from_rule(Json seen, const Json& rule, const std::string& at) {
  if (rule.has("$only")) {
    std::vector<Json> left;
    for (const Json& one : seen.list) if (differs(one, rule["$only"]).empty()) left.push_back(one);
    seen.list = std::move(left);
  }
  for (const auto& [name, value] : rule.members) {
    if (name == "$only") continue;
    const bool several = (name == "$has" || name == "$lacks") && value.is(Json::Kind::LIST);
    for (const Json& one : several ? value.list : std::vector<Json>{value}) {
      if (!holds(name, one, seen)) return at + ": " + seen.write().substr(0, 900) + " against " + name + " " + one.write();
    }
  }
  return "";
}

// Where what was seen is not what is wanted; "" where it is.
inline std::string differs(const Json& seen, const Json& wanted, const std::string& at) {
  using Kind = Json::Kind;
  if (wanted.is(Kind::OBJECT)) {
    if (!wanted.members.empty() && wanted.members.begin()->first[0] == '$') return differs_from_rule(seen, wanted, at);
    if (!seen.is(Kind::OBJECT)) return at + ": " + seen.write() + " is no object";
    for (const auto& [name, value] : wanted.members) {
      std::string difference = differs(seen[name], value, at + "/" + name);
      if (!difference.empty()) return difference;
    }
    return "";
  }
  if (wanted.is(Kind::LIST)) {
    if (!seen.is(Kind::LIST) || seen.list.size() != wanted.list.size()) {
      return at + ": " + seen.write().substr(0, 900) + " has not " + std::to_string(wanted.list.size()) + " elements";
    }
    for (std::size_t i = 0; i < wanted.list.size(); ++i) {
      std::string difference = differs(seen.list[i], wanted.list[i], at + "/" + std::to_string(i));
      if (!difference.empty()) return difference;
    }
    return "";
  }
  const bool same = seen.kind == wanted.kind && seen.yes == wanted.yes && seen.number == wanted.number && seen.text == wanted.text;
  return same ? "" : at + ": " + seen.write().substr(0, 900) + ", not " + wanted.write();
}

#endif
