/** Word lists of the invented people and places. */

const split = (list: string): string[] => list.split(",");

export const WOMEN = split(
  "Giulia,Francesca,Chiara,Martina,Elena,Sara,Alessia,Federica,Silvia,Valentina,Elisa," +
    "Laura,Anna,Roberta,Paola,Beatrice,Camilla,Ilaria,Noemi,Marta,Irene,Caterina,Lucia," +
    "Teresa,Emma,Sofia,Aurora,Bianca,Viola,Ginevra,Rebecca,Matilde,Nicoletta,Ornella," +
    "Patrizia,Rossella,Serena,Tiziana",
);

export const MEN = split(
  "Luca,Marco,Andrea,Matteo,Alessandro,Davide,Simone,Stefano,Federico,Riccardo,Lorenzo," +
    "Giacomo,Pietro,Tommaso,Filippo,Gabriele,Nicola,Paolo,Roberto,Antonio,Emanuele,Daniele," +
    "Enrico,Michele,Edoardo,Leonardo,Samuele,Elia,Diego,Claudio,Massimo,Vittorio,Umberto," +
    "Renato,Guido,Niccolò",
);

export const SURNAMES = split(
  "Bianchi,Ferrari,Colombo,Ricci,Marino,Greco,Bruno,Gallo,Conti,Costa,Mancini,Rizzo," +
    "Lombardi,Moretti,Barbieri,Fontana,Santoro,Mariani,Rinaldi,Caruso,Ferrara,Galli,Martini," +
    "Leone,Longo,Gentile,Martinelli,Vitale,Lombardo,Serra,Coppola,Marchetti,Parisi,Villa," +
    "Conte,Ferraro,Fabbri,Bianco,Marini,Grasso,Valentini,Messina,Sala,Gatti,Pellegrini," +
    "Palumbo,Sanna,Farina,Rizzi,Monti,Cattaneo,Morelli,Amato,Silvestri,Mazza,Testa,Grassi," +
    "Pellegrino,Carbone,Giuliani,Benedetti,Barone,Rossetti,Caputo,Montanari,Guerra,Palmieri," +
    "Bernardi,Martino,Fiore,Ferretti,Bellini,Basile,Riva,Donati,Piras,Vitali,Battaglia," +
    "Sartori,Neri,Milani,Pagano,Ruggiero,Sorrentino,Orlando,Negri,Albanese,Fumagalli,Cocco," +
    "Zanella,D'Angelo,De Luca,Dell'Acqua,Forlì,Pavan,Toffoli,Boscolo,Trevisan,Salvi,Nardi," +
    "Zanetti,Oliva,Corsi,Magnani",
);

export const STREETS = split(
  "Via Garibaldi,Via Mazzini,Corso Italia,Via Roma,Via Verdi,Viale dei Tigli," +
    "Via San Martino,Via del Lavoro,Piazza della Libertà,Via Dante,Via Manzoni," +
    "Via delle Acacie,Corso Umberto,Via Piave,Via XX Settembre,Via Nuova",
);

export const MAIL_DOMAINS = split(
  "gimail.example,liberamail.example,postamia.example,icasella.example,virgolamail.example," +
    "tinposta.example,fastcasella.example,outposta.example",
);

export const BLOGS = [
  "https://www.modadomani.example/",
  "https://www.guardarobaperfetto.example/",
  "https://blog.stoffa-e-filo.example/",
];
