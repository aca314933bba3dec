//go:build cgo

// Values that nobody made: a zero or nil one of any type may be used, closed and printed; what it cannot do it says.

package chat_test

import (
	"context"
	"fmt"
	"go/ast"
	"reflect"
	"strings"
	"testing"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

// zeroes has a pointer to each type with methods of its own.
var zeroes = map[string]any{
	"Client": new(chat.Client), "Items": new(chat.Items[chat.RecentContact]), "Response": new(chat.Response), "Config": new(chat.Config),
	"Secret": new(chat.Secret), "Code": new(chat.Code), "Error": new(chat.Error), "PartialError": new(chat.PartialError),
	"SplitError": new(chat.SplitError), "BulkError": new(chat.BulkError),
}

// argument makes a plain argument of a method.
func argument(kind reflect.Type) reflect.Value {
	switch {
	case kind == reflect.TypeOf((*context.Context)(nil)).Elem():
		return reflect.ValueOf(background)
	case kind.Kind() == reflect.String:
		return reflect.ValueOf("x").Convert(kind)
	case kind.Kind() == reflect.Func: // a list of one item, or what is done with an item
		return reflect.MakeFunc(kind, func(given []reflect.Value) (results []reflect.Value) {
			if given[0].Kind() == reflect.Func {
				given[0].Call([]reflect.Value{reflect.Zero(given[0].Type().In(0))})
			}
			for i := 0; i < kind.NumOut(); i++ {
				results = append(results, reflect.Zero(kind.Out(i)))
			}
			return results
		})
	}
	return reflect.Zero(kind)
}

// used calls a method, and goes through the iteration that it gives, if it gives one.
func used(method reflect.Value) (results []reflect.Value) {
	var arguments []reflect.Value
	fixed := method.Type().NumIn()
	if method.Type().IsVariadic() {
		fixed--
	}
	for i := 0; i < fixed; i++ {
		arguments = append(arguments, argument(method.Type().In(i)))
	}
	results = method.Call(arguments)
	for _, result := range results {
		if result.Kind() == reflect.Func {
			result.Call([]reflect.Value{argument(result.Type().In(0))})
		}
	}
	return results
}

// methodsOf gives the methods that a type declares itself, by the sources.
func methodsOf(t *testing.T) map[string]map[string]bool {
	methods := map[string]map[string]bool{}
	for _, file := range parsed(t, ".", false) {
		for _, declaration := range file.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok {
				continue
			}
			owner, seen := receiver(function)
			if owner == "" || !seen || !function.Name.IsExported() {
				continue
			}
			if methods[owner] == nil {
				methods[owner] = map[string]bool{}
			}
			methods[owner][function.Name.Name] = true
		}
	}
	return methods
}

func TestEveryMethodOfAZeroOrNilValueAnswers(t *testing.T) {
	for owner, declared := range methodsOf(t) {
		zero := reflect.ValueOf(zeroes[owner])
		if !zero.IsValid() {
			t.Errorf("%s has methods, and no zero value here", owner)
			continue
		}
		for _, value := range []reflect.Value{zero, reflect.Zero(zero.Type())} {
			called := fmt.Sprint(value) + fmt.Sprintf("%v%+v%#v%s%q", value, value, value, value, value) // Format wants a fmt.State
			for i := 0; i < value.NumMethod(); i++ {
				name := value.Type().Method(i).Name
				_, byValue := value.Type().Elem().MethodByName(name)
				// A method of the value itself is not to be had of a nil pointer, whatever it does.
				if !declared[name] || name == "Format" || value.IsNil() && byValue {
					continue
				}
				answersWithoutPanic(t, fmt.Sprintf("%s.%s (nil: %v, %d)", owner, name, value.IsNil(), len(called)), value.Method(i), owner == "Client")
			}
		}
	}
}

func answersWithoutPanic(t *testing.T, what string, method reflect.Value, refuses bool) {
	defer func() {
		if value := recover(); value != nil {
			t.Errorf("%s panics: %v", what, value)
		}
	}()
	results := used(method)
	if len(results) == 0 || !refuses {
		return
	}
	switch err := results[len(results)-1].Interface().(type) {
	case *chat.Items[chat.RecentContact]:
		defer err.Close()
		if err.Next(background) || !strings.Contains(err.Err().Error(), "chat.New") {
			t.Errorf("%s: %v", what, err.Err())
		}
	case error:
		wantFailure(t, err, chat.ErrInvalidArgument, chat.CodeInvalidArgument)
	}
}

func TestTheZeroValueClosesAndNilOptionsChangeNothing(t *testing.T) {
	var client chat.Client
	if err := client.Close(); err != nil {
		t.Error(err)
	}
	if err := new(chattest.Service).Close(); err != nil {
		t.Error(err)
	}
	service := chattest.Start(t)
	createGroup(t, service.NewClient(), "one")
	if _, err := service.NewClient().DelContactGroup(background, chattest.User, "one", nil, chat.WithTimeout(time.Minute), nil); err != nil {
		t.Error(err)
	}
}
