// Package mailtest is a mail server for tests: it speaks SMTP with STARTTLS on the
// loopback, keeps what it takes, and fails as it is told.
package mailtest

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"math/big"
	"net"
	"strings"
	"sync"
	"time"
)

// A Letter is what was taken.
type Letter struct {
	From, To, User string
	Data           string
	Secret         bool // it came over TLS
}

// A Server takes letters.
type Server struct {
	Addr  string
	Roots *tls.Config // trusts the server

	l    net.Listener
	cert tls.Certificate
	mu   sync.Mutex
	kept []Letter
	say  func(verb, arg string) string // answers in the server's place; "" = as usual, "-" = hangs up
	auth string                        // what AUTH offers
	bare bool                          // offers no STARTTLS
}

// Start starts a server; Close ends it.
func Start() (*Server, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(4e9, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	s := &Server{cert: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, Roots: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, auth: "PLAIN LOGIN"}
	if s.l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	s.Addr = s.l.Addr().String()
	go s.accept()
	return s, nil
}

// Certificate is that of the server, for others on the loopback.
func (s *Server) Certificate() tls.Certificate { return s.cert }

// Close ends the server.
func (s *Server) Close() error { return s.l.Close() }

// Answer lets a test answer in the server's place: verb is HELO, MAIL, RCPT, DATA, or "." for the end of a letter.
func (s *Server) Answer(say func(verb, arg string) string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.say = say
}

// Offer says which ways of signing in are offered, and whether STARTTLS is.
func (s *Server) Offer(auth string, startTLS bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.auth, s.bare = auth, !startTLS
}

// Letters returns what was taken.
func (s *Server) Letters() []Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Letter(nil), s.kept...)
}

func (s *Server) accept() {
	for {
		c, err := s.l.Accept()
		if err != nil {
			return
		}
		go s.serve(c)
	}
}

func (s *Server) serve(c net.Conn) {
	defer func() { c.Close() }()
	r := bufio.NewReader(c)
	var letter Letter
	line := func() (string, bool) {
		l, err := r.ReadString('\n')
		return strings.TrimRight(l, "\r\n"), err == nil
	}
	put := func(text string) { fmt.Fprintf(c, "%s\r\n", text) }
	put("220 mailtest")
	for {
		l, ok := line()
		if !ok {
			return
		}
		verb, arg, _ := strings.Cut(l, " ")
		verb = strings.ToUpper(verb)
		s.mu.Lock()
		say, auth, bare := s.say, s.auth, s.bare
		s.mu.Unlock()
		answer := ""
		if say != nil {
			answer = say(verb, arg)
		}
		switch {
		case answer == "-":
			return
		case answer != "":
			put(answer)
		case verb == "EHLO":
			put("250-mailtest")
			if !letter.Secret && !bare {
				put("250-STARTTLS")
			}
			if auth != "" {
				put("250-AUTH " + auth)
			}
			put("250 8BITMIME")
		case verb == "STARTTLS":
			put("220 go on")
			t := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{s.cert}, MinVersion: tls.VersionTLS12})
			if t.Handshake() != nil {
				return
			}
			c, r, letter.Secret = t, bufio.NewReader(t), true
		case verb == "AUTH":
			how, first, _ := strings.Cut(arg, " ")
			if how == "LOGIN" {
				for _, ask := range []string{"Username:", "Password:"} {
					put("334 " + base64.StdEncoding.EncodeToString([]byte(ask)))
					got, _ := line()
					first += "\x00" + decoded(got)
				}
				letter.User = first
			} else {
				letter.User = decoded(first)
			}
			put("235 welcome")
		case verb == "MAIL":
			letter.From = arg
			put("250 ok")
		case verb == "RCPT":
			letter.To = arg
			put("250 ok")
		case verb == "DATA":
			put("354 go on")
			letter.Data = ""
			for {
				l, ok := line()
				if !ok {
					return
				}
				if l == "." {
					break
				}
				letter.Data += strings.TrimPrefix(l, ".") + "\n"
			}
			if say != nil {
				if answer = say(".", ""); answer == "-" {
					s.keep(letter) // taken, and nobody hears of it
					return
				}
			}
			if answer == "" {
				answer = "250 taken"
				s.keep(letter)
			}
			put(answer)
		case verb == "QUIT":
			put("221 bye")
			return
		default:
			put("250 ok")
		}
	}
}

func (s *Server) keep(l Letter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(s.kept, l)
}

func decoded(s string) string {
	b, _ := base64.StdEncoding.DecodeString(s)
	return string(b)
}
