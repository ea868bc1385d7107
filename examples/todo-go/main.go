// A to-do list, on http://127.0.0.1:8080, and its database, on port 5433.
package main

import "drillmaster.dev/drillmaster"

const (
	user     = "todo"
	password = "todo"
	name     = "todo"
)

// Bears running again: the data is in a volume, which outlives the container.
const schema = `
    CREATE TABLE IF NOT EXISTS items (id serial PRIMARY KEY, text text NOT NULL);
    INSERT INTO items (text) SELECT 'Read the README' WHERE NOT EXISTS (SELECT FROM items);
`

var appdb = drillmaster.Service{
	Name:       "appdb",
	Image:      "todo-appdb",
	Build:      &drillmaster.Build{Directory: "appdb"},
	Env:        drillmaster.Pairs{{"POSTGRES_USER", user}, {"POSTGRES_PASSWORD", password}, {"POSTGRES_DB", name}},
	Volumes:    []drillmaster.Volume{{Name: "appdb-data", Target: "/var/lib/postgresql/data"}},
	StopSignal: drillmaster.SIGINT,

	Configure: func(service *drillmaster.Service, parameters drillmaster.Parameters) error {
		port, err := parameters.Port("appdb_port", 5433)
		service.Ports = []drillmaster.Port{{Container: 5432, Host: port}}
		return err
	},
	Ping: func(c *drillmaster.Container) (bool, error) {
		output, err := c.Exec(psql("SELECT 1")...)
		return output.Success(), err
	},
	PostStartInit: func(c *drillmaster.Container) error {
		if err := c.Run(psql(schema)...); err != nil {
			return err
		}
		return drillmaster.SetContextValue("appdb.url", databaseURL("appdb"))
	},
}

var todo = drillmaster.Service{
	Name:         "todo",
	Image:        "todo-app",
	Build:        &drillmaster.Build{Directory: "todo"},
	Dependencies: []string{"appdb"},
	Env:          drillmaster.Pairs{{"DATABASE_URL", "{appdb.url}"}},
	StopSignal:   drillmaster.SIGINT,

	Configure: func(service *drillmaster.Service, parameters drillmaster.Parameters) error {
		port, err := parameters.Port("todo_port", 8080)
		service.Ports = []drillmaster.Port{{Container: 8080, Host: port}}
		return err
	},
	Ping: func(c *drillmaster.Container) (bool, error) {
		answer, err := c.HTTPGet(8080, "/health")
		return err == nil && answer.OK(), nil
	},
}

// psql is the command that runs SQL in the database's container, logged in over TCP like every other client.
func psql(sql string) []string {
	return []string{"psql", databaseURL("127.0.0.1"), "--command", sql}
}

func databaseURL(host string) string {
	return "postgresql://" + user + ":" + password + "@" + host + ":5432/" + name
}

func group() drillmaster.Group {
	return drillmaster.Group{Name: "todo", Services: []drillmaster.Service{appdb, todo}}
}

func init() { drillmaster.Export(group) }

// A definition has no main program, but Go wants one.
func main() {}
