"""Names, plans and issuers of the demo population: as people are called, nobody in particular."""

FIRST_NAMES = (
    "Aaliyah", "Aisha", "Alejandro", "Alice", "Amara", "Ana María", "André", "Anh", "Anna",
    "Antônio", "Ayşe", "Beatriz", "Benjamin", "Björn", "Bríd", "Camille", "Carlos", "Chloë",
    "Chukwuemeka", "Cláudia", "Daniel", "D'Andre", "Deborah", "Diego", "Élodie", "Emily",
    "Esperanza", "Fatima", "Fernanda", "François", "Gabriela", "Grace", "Håkon", "Hannah",
    "Hassan", "Hugo", "Hye-jin", "Imani", "Inês", "Isabella", "Jack", "James", "Jasmine",
    "Jean-Luc", "Jennifer", "Jesús", "João", "Jo Ann", "José", "Josephine", "Joshua",
    "Katarzyna", "Keisha", "Kevin", "Khadija", "Kwame", "La'Toya", "Latisha", "Laura", "Léa",
    "Leila", "Liam", "Linh", "Lourdes", "Lucía", "Luís", "Łukasz", "Maeve", "Malik", "Marcus",
    "María José", "Mary Ann", "Mary-Kate", "Mateo", "Mei Ling", "Michael", "Min-jun", "Mohammed",
    "Moïse", "Natália", "Ngozi", "Nia", "Nicole", "Noémie", "Núria", "Oluwaseun", "Omar",
    "Patrick", "Pedro", "Priya", "Rachel", "Ravi", "Renée", "Rosa", "Ruth", "Samuel", "Sarah",
    "Sean", "Shanice", "Siobhán", "Sofía", "Søren", "Susan", "Thảo", "Thomas", "Tyrone",
    "Vitória", "Wei", "William", "Xiomara", "Yolanda", "Zahra", "Zoë", "Zuzanna",
)  # fmt: skip
LAST_NAMES = (
    "Abdi", "Adeyemi", "Ahmed", "Almeida", "Álvarez", "Anderson", "Andrade", "Baptiste",
    "Barbosa", "Begum", "Bélanger", "Brown", "Callahan", "Cardoso", "Castro", "Chen",
    "Chowdhury", "Clarke", "Costa", "Côté", "D'Angelo", "D'Souza", "Da Silva", "Davis",
    "De Jesús", "De La Cruz", "De Oliveira", "Del Toro", "DeSouza", "Diallo", "Díaz",
    "Dominguez", "Donovan", "Dos Santos", "Doucet", "Duarte", "Dubois", "El-Amin", "Fernandes",
    "Ferreira", "Fitzgerald", "Flaherty", "Fontaine", "Gagnon", "García", "García-López",
    "Goldberg", "Gomes", "González", "Green", "Gutiérrez", "Haddad", "Harris", "Hernández",
    "Hoàng", "Ibáñez", "Jackson", "Jean-Baptiste", "Johnson", "Jones", "Kelley", "Khan", "Kim",
    "Kowalski", "Lavoie", "Le Blanc", "Lebrón", "Lee", "Levesque", "López", "Lynch", "MacDonald",
    "Marín", "Martínez", "McCarthy", "McDonough", "Medeiros", "Mendes", "Mitchell", "Monteiro",
    "Moreau", "Muñoz", "Murphy", "N'Diaye", "Ñáñez", "Nguyễn", "Novák", "Núñez", "O'Brien",
    "O'Connor", "O'Sullivan", "Okafor", "Ouellette", "Park", "Patel", "Peña", "Pereira",
    "Pérez-Rivera", "Pham", "Pierre-Louis", "Pires", "Ramírez", "Resende", "Rodrigues",
    "Rodríguez", "Rojas", "Rosario", "Santiago", "Schröder", "Shah", "Shapiro", "Silva", "Singh",
    "Smith", "Smith-Jones", "Soares", "Souza", "St. Pierre", "Sullivan", "Tavares", "Thompson",
    "Torres", "Trần", "Valdés", "Van Dyke", "Vega", "Von Berg", "Washington", "White",
    "Williams", "Wójcik", "Wong", "Yilmaz", "Young", "Zhang",
)  # fmt: skip
SUFFIXES = ("Jr.", "Jr", "Sr.", "II", "III", "IV")
PLANS = {
    "health": (
        ("Bay Harbor Bronze 2850", "Bay Harbor Health Plan"),
        ("Bay Harbor Silver 2000", "Bay Harbor Health Plan"),
        ("Merrimack Gold 1000", "Merrimack Mutual Care"),
        ("Merrimack ConnectorCare 2A", "Merrimack Mutual Care"),
        ("Pioneer Valley Silver HMO", "Pioneer Valley Health"),
        ("Pioneer Valley Platinum", "Pioneer Valley Health"),
        ("Commonwealth Community Silver", "Commonwealth Community Health"),
        ("Commonwealth Community Bronze HSA", "Commonwealth Community Health"),
    ),
    "dental": (
        ("Bright Coast Dental Basic", "Bright Coast Dental"),
        ("Bright Coast Dental Family High", "Bright Coast Dental"),
        ("Berkshire Dental Preventive", "Berkshire Dental Service"),
    ),
}
