package telegramfake

import "net/http"

// routes builds the handler: methods under /bot…/, files under /file/, the rest for people.
// All links are relative, so that the fake can stand under any prefix.
func (f *Fake) routes() error {
	mux := http.NewServeMux()
	mux.HandleFunc("/{bot}/{method}", f.call)
	mux.HandleFunc("GET /file/{bot}/{path...}", f.file)
	f.mux = mux
	return nil
}
