using ModelCompiler.Diagnostics;
using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime;

/// <summary>
/// Decides once, when a session is opened, which execution providers it runs on. They are asked for in order of preference: each that can be
/// used is, and why another is not stands in the placement and in the log. The CPU serves nodes and programs only where it is in the list.
/// </summary>
internal sealed class ProviderSelection
{
    private const string NoFallbackKey = "session.disable_cpu_ep_fallback";

    private readonly NativeEnvironment _environment;
    private readonly SessionOptions _options;
    private readonly List<ExecutionProviderChoice> _wanted;
    private readonly Dictionary<ExecutionProvider, ProviderDiagnostic> _problems = [];
    private readonly bool _fallsBack;

    private ProviderSelection(NativeEnvironment environment, SessionOptions options)
    {
        _environment = environment;
        _options = options;
        _wanted = [.. options.ExecutionProviders.TakeWhile(choice => choice.Provider != ExecutionProvider.Cpu).DistinctBy(choice => choice.Provider)];
        _fallsBack = options.ExecutionProviders.Count == 0 || options.ExecutionProviders.Any(choice => choice.Provider == ExecutionProvider.Cpu);
    }

    /// <summary>Whether a session tells where its nodes are: read from its log, which then is verbose.</summary>
    public static bool IsRecorded(SessionOptions options) =>
        options.RecordPlacement || options.Devices.Count > 0 || options.DevicePolicy is not null || options.ExecutionProviders.Any(choice => choice.Provider != ExecutionProvider.Cpu);

    /// <summary>Opens a session.</summary>
    /// <param name="environment">The library.</param>
    /// <param name="options">How; its providers are the preference.</param>
    /// <param name="create">Makes the native session of native options, and of the path of another model than its own, or null.</param>
    /// <exception cref="ProviderUnavailableException">No provider of the list can be used, or one cannot run all of the graph.</exception>
    public static (nint Session, SessionPlacement Placement) Open(NativeEnvironment environment, SessionOptions options, Func<nint, string?, nint> create) =>
        new ProviderSelection(environment, options).Open(create);

    private (nint Session, SessionPlacement Placement) Open(Func<nint, string?, nint> create)
    {
        while (true)
        {
            using var native = SessionOptionsWriter.Write(_environment, _options);
            using var log = IsRecorded(_options) ? new PlacementLog(_options.LogSeverity) : null;
            using var artefacts = new SessionArtefacts(_environment, _options);
            var used = Append(native.Value, artefacts);
            AppendDevices(native.Value, artefacts);
            if (log is not null)
            {
                _environment.Api.SetLogId(native.Value, log.Id);
                _environment.Api.SetLogSeverity(native.Value, (int)LogSeverity.Verbose);
            }

            try
            {
                nint session = artefacts.Create(native.Value, create);
                return (session, Check(session, log));
            }
            catch (OnnxRuntimeException e) when (used.Count > 1 || (used.Count == 1 && _fallsBack))
            {
                // A driver that is there and does not work fails only here. If the model is at fault, the last attempt will say so.
                var first = used[0];
                _problems[first] = new ProviderDiagnostic(DiagnosticTable.ProviderNotUsable, first, ProviderInspection.Reason(e.Message), ProviderDescription.Of(first).Remedy);
            }
        }
    }

    private List<ExecutionProvider> Append(nint native, SessionArtefacts artefacts)
    {
        var used = new List<ExecutionProvider>();
        foreach (var choice in _wanted.Where(choice => !_problems.ContainsKey(choice.Provider)))
        {
            if (ProviderAppender.TryAppend(_environment, native, choice, artefacts) is { } problem)
            {
                _problems[choice.Provider] = problem;
            }
            else
            {
                used.Add(choice.Provider);
            }
        }

        return used.Count > 0 || _fallsBack ? used : throw NothingUsable();
    }

    private void AppendDevices(nint native, SessionArtefacts artefacts)
    {
        var api = _environment.Api;
        artefacts.Prepare(_options.Devices);
        foreach (var devices in _options.Devices.GroupBy(device => device.Provider))
        {
            api.AppendDevices(native, _environment.Handle.Value, [.. devices.Select(device => device.Handle)]);
        }

        if (_options.DevicePolicy is { } policy && api.Supports(OrtApi.DeviceVersion))
        {
            api.SetDevicePolicy(native, (int)policy);
        }
    }

    /// <summary>Reads where the nodes are. A session that is not what was asked for is released.</summary>
    private SessionPlacement Check(nint session, PlacementLog? log)
    {
        try
        {
            var placement = new SessionPlacement { Decisions = Decisions(), Counts = log?.Counts ?? [], Nodes = log?.Nodes ?? [] };
            if (!_fallsBack)
            {
                RefuseNodesOnCpu(placement);
            }

            Log(placement);
            return placement;
        }
        catch
        {
            _environment.Api.Release(OrtFunction.ReleaseSession, session);
            throw;
        }
    }

    private ProviderDecision[] Decisions() =>
    [
        .. _wanted.Select(choice => new ProviderDecision(choice.Provider, _problems.TryGetValue(choice.Provider, out var problem) ? TextOf(problem) : null)),
        .. _fallsBack ? new[] { new ProviderDecision(ExecutionProvider.Cpu, null) } : [],
    ];

    private void RefuseNodesOnCpu(SessionPlacement placement)
    {
        string wanted = Names(_wanted.Select(choice => choice.Provider));
        if (placement.Counts.Count == 0 && !_options.ConfigEntries.ContainsKey(NoFallbackKey))
        {
            throw new ProviderUnavailableException(_wanted[0].Provider, DiagnosticTable.PlacementUnknown, _environment.Library.Version, wanted, NoFallbackKey);
        }

        string cpu = ProviderDescription.Of(ExecutionProvider.Cpu).RuntimeName;
        var known = placement.Nodes.Where(node => node.Provider == cpu).ToArray();
        var refused = known.Where(node => !_options.HostNodes.Contains(node.Name)).ToArray();
        int unnamed = placement.CountOf(ExecutionProvider.Cpu) - known.Length;
        if (refused.Length + unnamed > 0)
        {
            throw new ProviderUnavailableException(
                _wanted[0].Provider, DiagnosticTable.NodesOnCpu, refused.Length + unnamed, placement.Counts.Sum(count => count.Value), wanted, Sample(refused));
        }
    }

    private static string Sample(PlacedNode[] nodes)
    {
        const int Shown = 5;
        return nodes.Length == 0 ? "" : " (" + string.Join(", ", nodes.Take(Shown).Select(node => node.ToString())) + (nodes.Length > Shown ? ", …)" : ")");
    }

    private void Log(SessionPlacement placement)
    {
        foreach (var decision in placement.Decisions.Where(_ => _wanted.Count > 0))
        {
            NativeEnvironment.Log(new OrtLogMessage(decision.IsUsed ? LogSeverity.Info : LogSeverity.Warning, OrtLogMessage.OwnCategory, "", decision.ToString()));
        }
    }

    private ProviderUnavailableException NothingUsable()
    {
        var first = _wanted[0].Provider;
        return _wanted.Count == 1
            ? new ProviderUnavailableException(first, _problems[first].Descriptor, _problems[first].Arguments)
            : new ProviderUnavailableException(
                first, DiagnosticTable.NoProviderUsable, Names(_wanted.Select(choice => choice.Provider)), string.Join(" ", _wanted.Select(choice => TextOf(_problems[choice.Provider]))));
    }

    private static string TextOf(ProviderDiagnostic problem) => $"{problem.Descriptor.Id}: {problem.Descriptor.Text(problem.Arguments)}";

    private static string Names(IEnumerable<ExecutionProvider> providers) => string.Join(", ", providers);
}
