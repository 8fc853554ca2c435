namespace ModelCompiler.Optimizer.Quantization.Placement;

/// <summary>
/// The cheapest division of a directed graph into a side of the source and a side of the sink, by the largest flow between them (Dinic 1970).
/// What is minimized is the sum of the capacities of the edges that lead from the first side to the second.
/// </summary>
internal sealed class MinimumCut
{
    public const int Source = 0;
    public const int Sink = 1;

    // Below this a rest of capacity is rounding.
    private const double Negligible = 1e-9;

    private readonly List<Edge> _edges = [];
    private readonly List<List<int>> _outgoing = [[], []];
    private int[] _level = [];
    private int[] _next = [];

    /// <summary>Adds a vertex, and gives its number.</summary>
    public int AddVertex()
    {
        _outgoing.Add([]);
        return _outgoing.Count - 1;
    }

    /// <summary>Adds an edge that costs <paramref name="capacity"/> where it is cut; infinite for one that never may be.</summary>
    public void AddEdge(int from, int to, double capacity)
    {
        _outgoing[from].Add(_edges.Count);
        _edges.Add(new Edge(to, capacity));
        // The way back for flow that is taken back: at the next index, so that ^ 1 finds it.
        _outgoing[to].Add(_edges.Count);
        _edges.Add(new Edge(from, 0));
    }

    /// <summary>For each vertex whether it lies on the side of the source. Can be asked once: the flow uses up the capacities.</summary>
    public bool[] Solve()
    {
        while (Layer())
        {
            _next = new int[_outgoing.Count];
            while (Augment()) { }
        }
        return [.. _level.Select(level => level >= 0)];
    }

    /// <summary>Numbers the vertices by their distance from the source over edges with capacity left; false where the sink is out of reach.</summary>
    private bool Layer()
    {
        _level = new int[_outgoing.Count];
        Array.Fill(_level, -1);
        _level[Source] = 0;
        var queue = new Queue<int>([Source]);
        while (queue.TryDequeue(out int vertex))
        {
            foreach (int index in _outgoing[vertex])
            {
                Edge edge = _edges[index];
                if (edge.Capacity <= Negligible || _level[edge.To] >= 0) continue;
                _level[edge.To] = _level[vertex] + 1;
                queue.Enqueue(edge.To);
            }
        }
        return _level[Sink] >= 0;
    }

    /// <summary>Sends flow along one path of rising levels; without recursion, as graphs are deep.</summary>
    private bool Augment()
    {
        var path = new Stack<int>();
        int vertex = Source;
        while (vertex != Sink)
        {
            if (Advance(vertex) is { } index)
            {
                path.Push(index);
                vertex = _edges[index].To;
            }
            else if (path.TryPop(out int back))
            {
                vertex = _edges[back ^ 1].To;
                _next[vertex]++;
            }
            else
            {
                return false;
            }
        }
        double flow = path.Min(index => _edges[index].Capacity);
        foreach (int index in path)
        {
            _edges[index].Capacity -= flow;
            _edges[index ^ 1].Capacity += flow;
        }
        return true;
    }

    private int? Advance(int vertex)
    {
        for (; _next[vertex] < _outgoing[vertex].Count; _next[vertex]++)
        {
            int index = _outgoing[vertex][_next[vertex]];
            if (_edges[index].Capacity > Negligible && _level[_edges[index].To] == _level[vertex] + 1) return index;
        }
        return null;
    }

    private sealed class Edge(int to, double capacity)
    {
        public int To { get; } = to;

        public double Capacity { get; set; } = capacity;
    }
}
