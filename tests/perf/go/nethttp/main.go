// Go's own HTTP client as a client of the bench: one http.Client for all goroutines, with a deadline, its pool as large as the
// number of goroutines where ALL_CONNECTIONS asks for it (by default it keeps two idle connections a host). No JSON.
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"

	"github.com/tencent-chat/tencent-chat/tests/perf/go/measure"
)

func main() {
	run := measure.Arguments()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if os.Getenv("ALL_CONNECTIONS") != "" {
		transport.MaxIdleConnsPerHost = run.Routines
	}
	if run.CAFile != "" {
		pem, err := os.ReadFile(run.CAFile)
		measure.Check(err)
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(pem)
		transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	}
	client := &http.Client{Transport: transport, Timeout: measure.Deadline}
	run.Measure(func() func() {
		next := uint64(1000000000)
		return func() {
			next++
			url := run.URL + strconv.FormatUint(next, 10)
			answer, err := client.Post(url, "application/json", bytes.NewReader([]byte(measure.Body)))
			measure.Check(err)
			_, err = io.ReadAll(answer.Body)
			answer.Body.Close()
			measure.Check(err)
			if answer.StatusCode != http.StatusOK {
				measure.Check(fmt.Errorf("answered with %s", answer.Status))
			}
		}
	})
}
