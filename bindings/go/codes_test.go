// The table of codes against the C header, both ways.

package chat_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
)

// header is the C header: the repository's own, or the one that a released module carries.
var header = func() string {
	const repositorys = "../../include/tencent_chat.h"
	if _, err := os.Stat(repositorys); err == nil {
		return repositorys
	}
	return "include/tencent_chat.h"
}()

// goName applies the rule codes.go states: CHAT_ERR_TIMEOUT is CodeTimeout.
func goName(macro string) string {
	name := "Code"
	words := strings.Split(strings.TrimPrefix(strings.TrimPrefix(macro, "CHAT_"), "ERR_"), "_")
	for _, word := range words {
		switch word {
		case "OK", "UTF8", "HTTP", "TLS", "SDK", "ID", "IP":
			name += word
		default:
			name += word[:1] + strings.ToLower(word[1:])
		}
	}
	return name
}

func headerCodes(t *testing.T) map[string]int {
	t.Helper()
	text, err := os.ReadFile(header)
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]int{}
	for _, match := range regexp.MustCompile(`(?m)^#define (CHAT_(?:OK|END|ERR_\w+|SERVICE_\w+)) \(?(-?\d+)\)?`).FindAllStringSubmatch(string(text), -1) {
		value, err := strconv.Atoi(match[2])
		if err != nil {
			t.Fatal(err)
		}
		codes[match[1]] = value
	}
	return codes
}

func goCodes(t *testing.T) map[string]int {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "codes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]int{}
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Code") {
			return true
		}
		value, sign := spec.Values[0], 1
		if unary, ok := value.(*ast.UnaryExpr); ok && unary.Op == token.SUB {
			value, sign = unary.X, -1
		}
		number, err := strconv.Atoi(value.(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		codes[spec.Names[0].Name] = sign * number
		return true
	})
	return codes
}

func TestCodesAreTheHeadersCodesByNameAndNumber(t *testing.T) {
	inHeader, inGo := headerCodes(t), goCodes(t)
	if len(inHeader) < 40 {
		t.Fatalf("the header gave only %d codes: this test reads it wrongly", len(inHeader))
	}
	for macro, value := range inHeader {
		got, ok := inGo[goName(macro)]
		if !ok || got != value {
			t.Errorf("%s is %d; %s is %d (there: %v)", macro, value, goName(macro), got, ok)
		}
		if name := "CHAT_" + chat.Code(value).String(); name != macro {
			t.Errorf("%d prints as %s, the header calls it %s", value, name, macro)
		}
		delete(inGo, goName(macro))
	}
	for name := range inGo {
		t.Errorf("%s is not in the header", name)
	}
}

func TestTypesAndFlagsAreTheHeaders(t *testing.T) {
	text, err := os.ReadFile(header)
	if err != nil {
		t.Fatal(err)
	}
	for macro, value := range map[string]int{"CHAT_ONE_TO_ONE": int(chat.TypeOneToOne), "CHAT_GROUP_CHAT": int(chat.TypeGroupChat), "CHAT_ASSIST_FLAGS": chat.AssistFlags} {
		if line := "#define " + macro + " " + strconv.Itoa(value) + "\n"; !strings.Contains(string(text), line) {
			t.Errorf("the header has no line %q", line)
		}
	}
}

func TestACodeWithoutANamePrintsItsNumber(t *testing.T) {
	if got := chat.Code(99999).String(); got != "99999" {
		t.Errorf("prints %s", got)
	}
}
