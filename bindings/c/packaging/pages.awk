# Cuts the one page that Doxygen makes of the header into `tencent_chat.3`, the overview, and a page for each function.
# usage: awk -v OUT=folder -f pages.awk tencent_chat.h.3
/^\.TH/ { title = $0; sub(/^\.TH "[^"]*"/, "", title); next }
/^\.S[HS] / {
    heading = $0; gsub(/^\.S[HS] "?|"$/, "", heading)
    if ($1 == ".SH") part = heading
    else if (heading ~ /^(Data Structures|Macros|Typedefs|Functions)$/) part = heading # Doxygen lists there what the header has.
    if (part == "Function Documentation" && $1 == ".SS") begin(heading)
    next
}
part ~ /^(Data Structures|Macros|Typedefs|Functions)$/ && /^\.RI "/ { lists(part, $0); next }
part == "Detailed Description" { overview = overview $0 "\n"; next }
part == "Function Documentation" && page { body(); next }

# `.RI "declaration"` and then `.RI "one sentence"`.
function lists(of, line) {
    gsub(/^\.RI "|"$/, "", line)
    if (declared == "") { declared = line; return }
    name = declared
    if (of == "Functions") { sub(/ \(.*/, "", name); sub(/.*\\fB/, "", name); sub(/\\fP$/, "", name); brief[name] = line; name = "\\fB" name "\\fP(3)" }
    if (of == "Macros") sub(/^#define /, "", name)
    if (of == "Typedefs" || of == "Data Structures") { sub(/.*\\fB/, "\\fB", name); of = "Types" }
    items[of] = items[of] ".TP\n" name "\n" line "\n"
    declared = ""
}

# The head of a function's page; a parameter a line.
function begin(declaration,    head, rest, told) {
    if (page) close(page)
    gsub(/\\f[BIPRC]/, "", declaration)
    head = declaration; sub(/ \(.*/, "", head); rest = declaration; sub(/^[^(]*\(/, "", rest)
    name = head; sub(/.*[ *]/, "", name)
    gsub(/ \* /, " *", head); gsub(/\* \*/, "**", rest); gsub(/ \* /, " *", rest); gsub(/ \*\* /, " **", rest)
    if (match(rest, /\(\*\)\([^)]*\) [a-z_]+/)) { # A function: its name belongs after the star.
        told = substr(rest, RSTART + 3, RLENGTH - 3); sub(/.* /, "", told)
        rest = substr(rest, 1, RSTART - 1) " (*" told ")" substr(rest, RSTART + 3, RLENGTH - 4 - length(told)) substr(rest, RSTART + RLENGTH)
    }
    gsub(/, /, ",\n    ", rest)
    page = OUT "/" name ".3"
    told = brief[name]; gsub(/\\f[BIPRC]/, "", told); sub(/\\&\. *$/, "", told)
    printf ".TH \"%s\"%s\n.ad l\n.nh\n.SH NAME\n%s \\- %s\n.SH SYNOPSIS\n.nf\n\\fB#include <tencent_chat\\&.h>\\fP\n.sp\n%s(%s;\n.fi\n.SH DESCRIPTION\n", \
        name, title, name, told, head, rest >page
    names[++pages] = name
}

function body() {
    if (/^\\fB(Parameters|Returns|Since)\\fP$/) {
        heading = $0; gsub(/\\fB|\\fP/, "", heading)
        print ".SH " toupper(heading == "Returns" ? "return value" : heading) >page
        skip = 1
    } else if (/^\.RE$/ || skip && /^\.RS/) skip = 0
    else if (heading == "Parameters" && match($0, /^\\fI[a-z_]*\\fP /)) printf ".TP\n%s\n%s\n", substr($0, 1, RLENGTH - 1), substr($0, RLENGTH + 1) >page
    else if ($0 != "" && $0 != ".br") print >page
}

END {
    page = OUT "/tencent_chat.3"
    printf ".TH \"tencent_chat\"%s\n.ad l\n.nh\n.SH NAME\ntencent_chat \\- a client for the Tencent Chat REST API\n.SH SYNOPSIS\n.nf\n\\fB#include <tencent_chat\\&.h>\\fP\n.fi\n.SH DESCRIPTION\n%s", title, overview >page
    printf ".SH FUNCTIONS\n%s.SH CODES AND CONSTANTS\n%s.SH TYPES\n%s", items["Functions"], items["Macros"], items["Types"] >page
    for (i = 1; i <= pages; ++i) print ".SH SEE ALSO\n\\fBtencent_chat\\fP(3)" >>(OUT "/" names[i] ".3")
}
