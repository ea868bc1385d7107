// A database, and an API over it on http://127.0.0.1:3000.
package main

import "drillmaster.dev/drillmaster"

// Bears running again: the data is in a volume, which outlives the container.
const schema = "CREATE TABLE IF NOT EXISTS items (id serial PRIMARY KEY, text text NOT NULL)"

var database = drillmaster.Service{
	Name:    "database",
	Image:   "postgres:17",
	Env:     drillmaster.Pairs{{"POSTGRES_PASSWORD", "secret"}},
	Ports:   []drillmaster.Port{{Container: 5432}},
	Volumes: []drillmaster.Volume{{Name: "data", Target: "/var/lib/postgresql/data"}},

	Ping: func(c *drillmaster.Container) (bool, error) {
		output, err := c.Exec("pg_isready", "--host", "127.0.0.1")
		return output.Success(), err
	},
	PostStartInit: func(c *drillmaster.Container) error {
		if err := c.Run("psql", url("127.0.0.1"), "--command", schema); err != nil {
			return err
		}
		return drillmaster.SetContextValue("database.url", url("database"))
	},
}

var api = drillmaster.Service{
	Name:         "api",
	Image:        "postgrest/postgrest:v12.2.3",
	Dependencies: []string{"database"},
	Env:          drillmaster.Pairs{{"PGRST_DB_URI", "{database.url}"}, {"PGRST_DB_ANON_ROLE", "postgres"}},

	Configure: func(service *drillmaster.Service, parameters drillmaster.Parameters) error {
		port, err := parameters.Port("port", 3000)
		service.Ports = []drillmaster.Port{{Container: 3000, Host: port}}
		return err
	},
	Ping: func(c *drillmaster.Container) (bool, error) {
		_, err := c.HTTPGet(3000, "/")
		return err == nil, nil
	},
}

func url(host string) string {
	return "postgresql://postgres:secret@" + host + "/postgres"
}

func group() drillmaster.Group {
	return drillmaster.Group{Name: "@NAME@", Services: []drillmaster.Service{database, api}}
}

func init() { drillmaster.Export(group) }

// A definition has no main program, but Go wants one.
func main() {}
