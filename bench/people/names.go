package people

// The lists are functions because a package here keeps no mutable state.

func givenNames() []string {
	return []string{
		"Ada", "Amélie", "Anna", "Ayşe", "Bjørn", "Carlos", "Chloë", "Daniela", "David", "Emre", "Fatima", "Giulia", "Grace", "Hanna", "Ines", "Jamal",
		"Jürgen", "Kofi", "Laura", "Li", "Łukasz", "Mateo", "Mei", "Noah", "Olga", "Priya", "Rosa", "Sinéad", "Søren", "Tomáš", "Yara", "Zoë",
		"太郎", "花子", "민준", "Анна", "Ελένη", "D'Arcy", "Anne Marie", "João",
	}
}

func familyNames() []string {
	return []string{
		"Adeyemi", "Åkesson", "Bianchi", "Brown", "Çelik", "Dubois", "Fernández", "García", "Hoffmann", "Ito", "Jensen", "Kovács", "Kowalski", "Larsen", "Lee",
		"Müller", "Nguyen", "Novák", "O'Brien", "Okafor", "Patel", "Peña", "Rossi", "Santos", "Schmidt", "Silva", "Smith", "Świątek", "Tanaka", "van der Berg",
		"Weiß", "Wójcik", "山田", "김", "Иванова", "Παππάς", "Gonçalves", "Sørensen",
	}
}

func titles() []string {
	return []string{"Engineer", "Accountant", "Analyst", "Designer", "Account Executive", "Recruiter", "Support Agent", "Counsel", "Product Manager", "Technician"}
}

func departments() []string {
	return []string{"Engineering", "Sales", "Finance", "Human Resources", "Support", "Legal & Compliance", "Operations", "Research \"Lab 7\""}
}

func groupNames() []string {
	return []string{
		"Engineering", "All Staff", "Sales EMEA", "Finance & Controlling", "Support \"Tier 2\"", "Führungskräfte", "VPN Users", "Contractors", "Research / Lab 7", "東京オフィス",
	}
}
