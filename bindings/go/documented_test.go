// What pkg.go.dev shows: no exported name without words, no call without an example.

package chat_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// parsed gives the files of a folder, those of tests or the others.
func parsed(t *testing.T, folder string, tests bool) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	packages, err := parser.ParseDir(token.NewFileSet(), folder, func(file fs.FileInfo) bool {
		return strings.HasSuffix(file.Name(), "_test.go") == tests
	}, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range packages {
		for name, file := range one.Files {
			files[filepath.ToSlash(name)] = file
		}
	}
	return files
}

// receiver is the exported type that a method belongs to; "" for a function, and for a type that no user sees.
func receiver(function *ast.FuncDecl) (name string, seen bool) {
	if function.Recv == nil {
		return "", true
	}
	kind := function.Recv.List[0].Type
	for {
		switch inner := kind.(type) {
		case *ast.StarExpr:
			kind = inner.X
		case *ast.IndexExpr:
			kind = inner.X
		case *ast.Ident:
			return inner.Name, ast.IsExported(inner.Name)
		default:
			return "", false
		}
	}
}

// undocumented finds the exported names of a declaration that nothing is said of, in its own comment or its group's.
func undocumented(declaration ast.Decl) (names []string, seen int) {
	switch one := declaration.(type) {
	case *ast.FuncDecl:
		owner, public := receiver(one)
		if !public || !one.Name.IsExported() {
			return nil, 0
		}
		if one.Doc == nil {
			names = append(names, strings.TrimPrefix(owner+"."+one.Name.Name, "."))
		}
		return names, 1
	case *ast.GenDecl:
		for _, spec := range one.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if !spec.Name.IsExported() {
					continue
				}
				seen++
				if one.Doc == nil && spec.Doc == nil {
					names = append(names, spec.Name.Name)
				}
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					if !name.IsExported() {
						continue
					}
					seen++
					if one.Doc == nil && spec.Doc == nil && spec.Comment == nil {
						names = append(names, name.Name)
					}
				}
			}
		}
	}
	return names, seen
}

func TestEveryExportedNameIsDocumented(t *testing.T) {
	for folder, least := range map[string]int{".": 150, "chattest": 25} {
		total := 0
		for file, syntax := range parsed(t, folder, false) {
			for _, declaration := range syntax.Decls {
				names, seen := undocumented(declaration)
				total += seen
				for _, name := range names {
					t.Errorf("%s: %s has no comment", file, name)
				}
			}
		}
		if total < least {
			t.Errorf("%s: only %d exported names seen: this test reads it wrongly", folder, total)
		}
	}
}

func TestEveryCallHasAnExampleWhoseOutputIsCompared(t *testing.T) {
	examples := map[string]bool{}
	for _, file := range parsed(t, ".", true) {
		for _, declaration := range file.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok || !strings.HasPrefix(function.Name.Name, "Example") {
				continue
			}
			for _, group := range file.Comments {
				if function.Body.Pos() < group.Pos() && group.End() < function.Body.End() && strings.HasPrefix(group.Text(), "Output:") {
					examples[function.Name.Name] = true
				}
			}
			if !examples[function.Name.Name] {
				t.Errorf("%s has no output, so it is compiled and never run", function.Name.Name)
			}
		}
	}
	calls := 0
	for _, file := range parsed(t, ".", false) {
		for _, declaration := range file.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok || !function.Name.IsExported() || function.Type.Params == nil {
				continue
			}
			owner, _ := receiver(function)
			if last := function.Type.Params.List; owner != "Client" || len(last) == 0 || !isOptions(last[len(last)-1]) {
				continue
			}
			calls++
			example := "ExampleClient_" + function.Name.Name
			if like := regexp.MustCompile(`for an\s+example see \[Client\.(\w+)\]`).FindStringSubmatch(function.Doc.Text()); like != nil {
				example = "ExampleClient_" + like[1]
			}
			if !examples[example] {
				t.Errorf("%s has no example, and its comment refers to none (for an example see [Client.X])", function.Name.Name)
			}
		}
	}
	if calls < 16 {
		t.Errorf("only %d calls seen: this test reads the package wrongly", calls)
	}
}

// isOptions tells the last parameter of a call: options ...CallOption.
func isOptions(parameter *ast.Field) bool {
	rest, ok := parameter.Type.(*ast.Ellipsis)
	if !ok {
		return false
	}
	kind, ok := rest.Elt.(*ast.Ident)
	return ok && kind.Name == "CallOption"
}
