# derived tables from psychrolib, MetPy, pythermalcomfort
import psychrolib as ps, metpy.calc as mc
from metpy.units import units as u
import pythermalcomfort.models as tm, pythermalcomfort.utilities as tu
ps.SetUnitSystem(ps.SI)
for t,h in [(-20,80),(-5,60),(0,100),(10,30),(20,50),(25,60),(35,20),(45,90)]:
    dp=ps.GetTDewPointFromRelHum(t,h/100); vp=ps.GetVapPresFromRelHum(t,h/100); sat=ps.GetSatVapPres(t)
    mdp=mc.dewpoint_from_relative_humidity(t*u.degC,h*u.percent).m_as('degC')
    mes=mc.saturation_vapor_pressure(t*u.degC).m_as('Pa')
    w=ps.GetHumRatioFromRelHum(t,h/100,101325); ah=1000*vp/(461.5*(t+273.15))
    wb=ps.GetTWetBulbFromRelHum(t,h/100,101325)
    try: st=float(tu.wet_bulb_tmp(t,h))
    except Exception as e: st=e
    print(t,h,'ps dp',round(dp,3),'mp dp',round(mdp,3),'satps',round(sat,1),'mp',round(mes,1),'vpd',round(sat-vp,1),'abs',round(ah,3),'wb',round(wb,3),'stull',st)
for t,h in [(27,50),(30,40),(30,70),(32.2222,70),(35,10),(38,60),(43,20),(29,90)]:
    hi=mc.heat_index(t*u.degC,h*u.percent).m_as('degC')
    try: hr=tm.heat_index_rothfusz(t,h).hi
    except Exception as e: hr=e
    print('hi',t,h,hi,hr)
for p,t,h in [(100000,15,118),(95000,0,500),(101000,25,20)]:
    print('slp',p,t,h, ps.GetSeaLevelPressure(p,h,t))
