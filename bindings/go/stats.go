// A client's counters, for operators. They are the native library's own; here they are only carried.

package chat

// Stats are a client's counters at one moment. What ended before it came to the library is not
// among them: a text that C cannot carry, a context that had ended, no place free in time.
type Stats struct {
	// Counters holds each counter by its name; a name that the library does not have is 0. They only
	// rise, but for the gauges calls_in_progress, connections_open, connections_idle (those that no call uses) and connections_awaited
	// (calls that wait for a connection), and begin at 0 with the client.
	//
	// calls is the sum of calls_ok, calls_service (the service's own codes), calls_partial,
	// calls_invalid_argument (refused locally), calls_timeout, calls_transport, calls_tls,
	// calls_http_status, calls_protocol, calls_no_error_code, calls_throttled, calls_cancelled,
	// calls_shutdown and calls_panic. attempts are the requests made or tried, retries those of them
	// that were repeats, standby_attempts those to the standby host. in_doubt, already_deleted,
	// retries_over_budget, throttle_answers, signature_refusals, rate_waits, rate_waited_ms, connection_waits,
	// connection_waited_ms, re_signs and connections_opened are what they say. shared_limit_trips are the trips to the server of
	// Config.SharedLimit, shared_limit_failures those of them that brought nothing. latency_le_1_ms to
	// latency_le_10000_ms and latency_le_inf count the calls that made an attempt by their time, each
	// including those before it; latency_sum_us is their time in all.
	Counters map[string]uint64
	// Prometheus is the same in Prometheus' text exposition format 0.0.4, ready to be served, and for each command its calls
	// by outcome, its attempts, its doubts and the histogram tencent_chat_call_duration_seconds.
	Prometheus string
}

// Stats takes a snapshot of the counters. Of a closed client it is the last one, of one that New did not make it is empty.
func (c *Client) Stats() Stats {
	if !c.isMade() {
		return Stats{}
	}
	native, leave := c.enter()
	defer leave()
	if native == nil {
		return c.last
	}
	return native.stats()
}

// StatsOf is one snapshot of several clients, for a page of all of them: each counter is the sum, and Prometheus has the series of each
// client under its own Config.MetricLabels. It refuses two with the same labels, and a client that is closed.
func StatsOf(clients ...*Client) (Stats, error) {
	natives := make([]*nativeClient, 0, len(clients))
	for _, client := range clients {
		if !client.isMade() {
			return Stats{}, errNotMade()
		}
		native, leave := client.enter()
		defer leave()
		if native == nil {
			return Stats{}, errClosed()
		}
		natives = append(natives, native)
	}
	if len(natives) == 0 {
		return Stats{}, nil
	}
	stats, failure := natives[0].statsWith(natives[1:])
	return stats, refusal(failure)
}
